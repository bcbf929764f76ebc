import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.urls import resolve

from core.models import AuditRecord, Organization, Register, Staff, Store, User
from core.services.sign_in import use_link
from loyalty.models import Program, Rule, RuleVersion
from members.models import Source
from members.services.enrollment import enroll
from tests.shops import Shop, assert_audit_is_clean, open_shop

OPENING = {
    "--slug": "corner",
    "--currency": "GBP",
    "--country": "GB",
    "--time-zone": "Europe/London",
    "--language": "en",
    "--owner": "ada@corner.example",
}


def run(*words):
    """Run a command as from the command line and return what it prints."""
    printed = io.StringIO()
    call_command(*words, stdout=printed, no_color=True)
    return printed.getvalue()


def opening(*, stores=("HS:High Street",), name="Corner Café", **change):
    options = OPENING | {f"--{option.replace('_', '-')}": text for option, text in change.items()}
    words = [word for pair in options.items() for word in pair]
    return ["create_organization", name, *words, *(f"--store={store}" for store in stores)]


def refused(*words):
    """Return why a command refused; it must leave nothing behind."""
    before = everything()
    with pytest.raises(CommandError) as fault:
        run(*words)
    assert everything() == before
    assert fault.value.returncode == 1
    return str(fault.value)


def everything():
    tables = (Organization, Store, Register, Staff, User, Program, Rule, RuleVersion, AuditRecord)
    return [list(table.objects.order_by("pk").values()) for table in tables]


# create_organization


def test_an_organization_is_opened_with_all_it_needs_to_start(db):
    printed = run(*opening(stores=["HS:High Street", "MK:Market: Hall 2"]))

    organization = Organization.objects.get()
    assert (organization.name, organization.slug, organization.currency) == (
        "Corner Café",
        "corner",
        "GBP",
    )
    assert (organization.country, organization.time_zone, organization.language) == (
        "GB",
        "Europe/London",
        "en",
    )
    assert list(Store.objects.order_by("code").values_list("code", "name")) == [
        ("HS", "High Street"),
        ("MK", "Market: Hall 2"),
    ]
    assert Register.objects.count() == 2
    owner = Staff.objects.get()
    assert (owner.role, owner.user.email) == ("owner", "ada@corner.example")
    assert Program.objects.get().status == "live"
    *lines, link = printed.splitlines()
    assert lines[:2] == [
        "Corner Café is open as corner, stores: 2",
        "Program main is live: 1 point per £1",
    ]
    assert "  manage.py create_api_key corner --name till --scopes all" in lines
    assert link.startswith("http://")


def test_the_link_on_the_last_line_lets_the_owner_choose_a_password(db):
    link = run(*opening()).splitlines()[-1]

    token = resolve(f"/{link.split('/', 3)[3]}").kwargs["token"]
    user = use_link(token=token, password="a long enough pass phrase")

    assert user == Staff.objects.get().user


def test_an_owner_who_has_a_password_gets_no_link(db):
    User.objects.create_user("ada@corner.example", "a long enough pass phrase")

    printed = run(*opening())

    assert printed.splitlines()[-1].endswith("/office/corner/")
    assert "accounts/link" not in printed


def test_a_new_organization_earns_from_its_first_receipt_and_from_older_ones(db):
    run(*opening())
    organization = Organization.objects.get()
    program = Program.objects.get()
    shop = Shop(organization, Store.objects.get(), program, program.rules.get())
    member = enroll(organization_id=organization.pk, phone="07400123456", source=Source.TILL).member

    shop.buys(member, "12.99")
    shop.buys(member, "3.00", at=organization.created_at.replace(year=2001))

    assert shop.balance(member) == 15
    assert_audit_is_clean()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slug": "A"}, "--slug: Use 2 to 50 lower-case letters, digits and hyphens."),
        ({"currency": "POUNDS"}, "--currency: Use a three-letter currency code such as GBP."),
        ({"country": "UK"}, "--country: Use a two-letter country code such as GB."),
        ({"time_zone": "London"}, "--time-zone: Use a time zone name such as Europe/London."),
        ({"language": "xx"}, "--language: This language is not offered."),
        ({"owner": "ada"}, "--owner: Enter an e-mail address such as ada@example.com."),
        ({"name": " "}, "name: Enter a name."),
        ({"stores": ["a/b:Two"]}, "--store: Use 1 to 32 letters, digits, dots, hyphens"),
        ({"stores": ["HS:One", "hs:Two"]}, "--store: This code is taken."),
        ({"stores": ["HS"]}, "'HS' is not CODE:NAME, such as hs:High Street"),
        ({"stores": [":Name"]}, "':Name' is not CODE:NAME"),
        ({"stores": []}, "the following arguments are required: --store"),
    ],
)
def test_what_cannot_be_opened_is_named_and_leaves_nothing_behind(db, change, said):
    assert said in refused(*opening(**change))


def test_a_taken_short_name_leaves_the_one_who_has_it_alone(db):
    run(*opening())

    assert refused(*opening(name="Another")) == "--slug: This short name is taken."


# dump_program and load_program


@pytest.fixture
def corner(db):
    run(*opening())
    return Organization.objects.get()


def test_a_dump_prints_one_json_document_and_nothing_else(corner):
    document = json.loads(run("dump_program", "corner"))

    assert list(document)[:3] == ["format", "program", "rules"]
    assert document["program"]["name"] == "Corner Café"
    assert "Café" in run("dump_program", "corner", "--program", "main")


def test_a_dump_loads_elsewhere_and_is_dumped_the_same(corner, tmp_path):
    dumped = run("dump_program", "corner")
    document = json.loads(dumped)
    document["program"]["settings"]["pending_days"] = 14
    document["rules"][0]["versions"][0]["spec"]["effect"]["points"] = 5
    file = tmp_path / "program.json"
    file.write_text(json.dumps(document))
    run(*opening(slug="elsewhere", name="Elsewhere"))

    first = run("load_program", "elsewhere", str(file))
    again = run("load_program", "elsewhere", str(file))

    assert first.splitlines() == [
        "changed program.name",
        "changed program.settings",
        "changed rules.base",
        "Program main, status live",
    ]
    assert again.splitlines() == ["nothing to change", "Program main, status live"]
    assert json.loads(run("dump_program", "elsewhere")) == document
    assert run("dump_program", "corner") == dumped


def test_a_file_can_come_through_a_pipe(corner, monkeypatch):
    piped = io.TextIOWrapper(io.BytesIO(run("dump_program", "corner").encode()))
    monkeypatch.setattr(sys, "stdin", piped)

    assert run("load_program", "corner", "-").splitlines()[0] == "nothing to change"


@pytest.mark.proves("input 41", "input 42", "input 43")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 1,}', "not JSON: Expecting property name enclosed in double quotes: line 1"),
        ("", "Send a JSON object"),
        ("[]", "must be a JSON object"),
        ('{"format": NaN}', "not JSON: it holds a number that JSON does not know"),
        ('{"format": 1, "format": 1}', "format: This key appears twice in one object."),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        ('{"format": 1}', "program.json: This program file cannot be used as it is.\n  program:"),
        (
            '{"format": 1, "program": {"slug": "main", "name": ""}, "x": 1}',
            "cannot be used as it is.\n"
            "  program.name: Write something here.\n"
            "  x: There is no such field.",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_every_fault(corner, tmp_path, content, said):
    file = tmp_path / "program.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    assert said in refused("load_program", "corner", str(file))


def test_an_unknown_organization_program_or_file_is_named(corner, tmp_path):
    file = tmp_path / "program.json"
    file.write_text("{}")

    assert refused("load_program", "nowhere", str(file)) == "There is no such organization."
    assert refused("dump_program", "nowhere") == "There is no such organization."
    assert refused("dump_program", "corner", "--program", "x") == "There is no such program."
    assert refused("load_program", "corner", "absent.json") == (
        "absent.json: No such file or directory"
    )


def test_loading_says_when_the_program_is_not_live(db, tmp_path):
    shop = open_shop("low-road")
    file = tmp_path / "program.json"
    file.write_text(json.dumps({"format": 1, "program": {"slug": "extra", "name": "Extra"}}))

    printed = run("load_program", shop.organization.slug, str(file))

    assert printed.splitlines()[-1] == "Program extra, status draft"
