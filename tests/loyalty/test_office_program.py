import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models.people import Role
from loyalty.models import Program
from loyalty.services.programs import dump_program
from tests.loyalty.program_files import everything
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import text_of

PROGRAM = "/office/high-street/program/"


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.OWNER)


def terms(**fields):
    return keyed(
        **{
            "name": "Club",
            "is_open": "on",
            "expiry": "never",
            "pending_days": "0",
            "earns_on_products_only": "on",
            "debt": "negative",
            "return_without_sale": "match_sku",
            "hold_seconds": "600",
            "receipt_age_days_max": "30",
            "adjustment_points_max": "10000",
            "adjustment_points_per_day_max": "100000",
            "margin_share_max": "30",
            "claim_days": "7",
            "goodwill_days": "0",
            **fields,
        }
    )


def becomes(office, program, state):
    return office.post(f"{PROGRAM}states/{program.slug}/{state}/", keyed())


def file_of(document):
    text = document if isinstance(document, str) else json.dumps(document)
    return {"file": SimpleUploadedFile("program.json", text.encode())}


def test_a_program_is_shown_in_words(shop, office):
    said = text_of(office.get(PROGRAM))

    assert "Base 1 point per £1" in said
    assert "usable without end" in said


def test_terms_are_saved_and_hold_from_now_on(shop, office):
    answer = office.post(
        f"{PROGRAM}terms/",
        terms(expiry="after", expiry__after__months="12", debt="floor", pending_days="14"),
    )

    shop.program.refresh_from_db()
    assert answer.status_code == 302
    assert shop.program.terms.expiry.months == 12
    assert (shop.program.terms.debt, shop.program.terms.pending_days) == ("floor", 14)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"pending_days": "900"}, "pending_days"),
        ({"pending_days": ""}, "pending_days"),
        ({"hold_seconds": "x"}, "hold_seconds"),
        ({"name": " \u200b "}, "name"),
        ({"expiry": "after"}, "expiry"),
        ({"expiry": "on", "expiry__on__date": "never"}, "expiry__on__date"),
        ({"debt": "gone"}, "debt"),
    ],
)
def test_terms_that_cannot_be_stand_beside_their_field(shop, office, fields, field):
    before = everything()

    answer = office.post(f"{PROGRAM}terms/", terms(**fields))

    assert list(answer.context["form"].errors) == [field]
    assert everything() == before


def test_a_program_pauses_and_goes_on(shop, member, office):
    becomes(office, shop.program, "paused")
    shop.buys(member, "10.00")
    earned_meanwhile = member.holdings.exists()

    becomes(office, shop.program, "live")
    shop.buys(member, "10.00")

    assert not earned_meanwhile
    assert shop.balance(member) == 10


def test_an_ended_program_stays_ended(shop, office):
    becomes(office, shop.program, "ended")

    answer = becomes(office, shop.program, "live")

    shop.program.refresh_from_db()
    assert shop.program.status == Program.Status.ENDED
    assert "present state" in text_of(office.get(answer.url))


def test_several_programs_are_listed_first(shop, office):
    Program.objects.create(organization=shop.organization, slug="gold", name="Gold")

    listed = text_of(office.get(PROGRAM))
    one = text_of(office.get(f"{PROGRAM}?program=gold"))

    assert "Club" in listed
    assert "Gold" in listed
    assert "No rule is switched on" in one


def test_the_file_is_the_program(shop, office):
    answer = office.get(f"{PROGRAM}file/")

    assert answer["Content-Disposition"] == 'attachment; filename="club.json"'
    assert answer.json() == dump_program(organization_id=shop.organization.pk)


def test_a_file_first_says_what_it_changes_and_then_changes_it(shop, office):
    document = dump_program(organization_id=shop.organization.pk)
    document["program"]["name"] = "New Club"
    document["rules"][0]["status"] = "paused"
    before = everything()

    looked = office.post(f"{PROGRAM}load/", file_of(document))
    unchanged = everything() == before
    office.post(f"{PROGRAM}load/", keyed(document=looked.context["document"]))

    shop.program.refresh_from_db()
    assert looked.context["changes"] == ["The program's name", "Rule: Base"]
    assert unchanged
    assert shop.program.name == "New Club"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"format": 2}',
        "[" * 50_000,
        '"\\u0000"',
        '{"format": NaN}',
        '{"format": 1e999}',
        '{"\\ud800": 1}',
    ],
)
def test_a_file_that_is_none_is_refused(shop, office, text):
    before = everything()

    answer = office.post(f"{PROGRAM}load/", file_of(text))
    again = office.post(f"{PROGRAM}load/", keyed(document=text))

    assert (answer.status_code, again.status_code) == (200, 200)
    assert everything() == before


def test_analysts_read_and_change_nothing(shop):
    client = office_of(shop.organization, Role.ANALYST)
    before = everything()

    read = [client.get(url).status_code for url in (PROGRAM, f"{PROGRAM}file/")]
    written = [
        client.post(f"{PROGRAM}terms/", terms(name="Mine")),
        client.post(f"{PROGRAM}load/", file_of({})),
        becomes(client, shop.program, "ended"),
    ]

    assert read == [200, 200]
    assert {answer.status_code for answer in written} == {403}
    assert everything() == before


@pytest.mark.proves("X2")
def test_another_organizations_program_is_not_there(shop, office):
    other = open_shop("elsewhere")
    other.program.slug = "theirs"
    other.program.save(update_fields=["slug"])

    answers = [office.get(f"{PROGRAM}?program=theirs"), becomes(office, other.program, "ended")]
    answers.append(office.post(f"{PROGRAM}terms/?program=theirs", terms(name="Mine")))

    other.program.refresh_from_db()
    assert {answer.status_code for answer in answers} == {404}
    assert (other.program.name, other.program.status) == ("Club", "live")
