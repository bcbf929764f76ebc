import ast

import pytest

from core.actors import SYSTEM, staff_actor
from core.audit import record
from core.log_page import log_kinds
from core.models import AuditRecord, Organization, Staff
from core.models.people import Role
from members.services.blocking import block_member
from members.services.editing import edit_member
from tests.architecture.sources import called, calls, sources
from tests.offices import office_of
from tests.shops import assert_audit_is_clean, open_shop

LOG = "/office/high-street/log/"


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop(db):
    yield open_shop()
    assert_audit_is_clean()


@pytest.fixture
def owner(shop):
    return office_of(shop.organization, name="Ada")


@pytest.fixture
def ada(owner):
    return Staff.objects.get(name="Ada")


VERB_AT = {"record": 0, "_note": 0, "_mark": 2}  # where those who note something take the verb


def verbs_in(one):
    """Return the verbs that a file notes, also those it hands on by the name ``verb``."""
    notes = [call for call in calls(one) if called(call) in {*VERB_AT, "_set_status"}]
    places = [(call, VERB_AT.get(called(call), len(call.args))) for call in notes]
    verbs = [call.args[place] for call, place in places if place < len(call.args)]
    verbs += [word.value for call in notes for word in call.keywords if word.arg == "verb"]
    texts = [node for each in verbs for node in ast.walk(each) if isinstance(node, ast.Constant)]
    return {text.value for text in texts if isinstance(text.value, str)}


def test_every_verb_of_the_code_has_its_sentence():
    noted = {
        verb
        for one in sources()
        if any(name in ast.unparse(one.tree) for name in ("audit.record", "import record"))
        for verb in verbs_in(one)
    }

    said = {verb for kind in log_kinds().values() for verb in kind.sentences}

    assert len(noted) > 10
    assert noted - said == set()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.CASHIER])
def test_the_log_is_for_owners_and_managers(shop, role):
    assert office_of(shop.organization, role).get(LOG).status_code == 403


def test_the_log_says_who_did_what_to_whom_and_why(owner, ada, shop):
    mina = shop.member(name="Mina K")
    block_member(member_id=mina.pk, actor=staff_actor(ada.pk), reason="Two cards")

    page = owner.get(LOG).content.decode()

    assert "Ada blocked Mina K" in page
    assert "Two cards" in page
    assert f"/office/high-street/members/{mina.public_id}/" in page


def test_the_log_names_fields_and_never_values(owner, ada, shop):
    mina = shop.member(name="Mina K")
    edit_member(member_id=mina.pk, actor=staff_actor(ada.pk), email="mina@secret.example")

    page = owner.get(LOG).content.decode()

    assert "Ada edited Mina K" in page
    assert ">e-mail<" in page
    assert "secret.example" not in page


def test_what_nobody_can_name_any_more_is_told_by_its_number(owner, shop):
    record("melted", shop.store, organization_id=shop.organization.pk, actor=SYSTEM)
    row = AuditRecord.objects.get(verb="melted")
    AuditRecord.objects.bulk_create(
        [
            AuditRecord(
                organization=shop.organization,
                actor=actor,
                verb="enrolled",
                subject=subject,
                subject_id=987654321,
            )
            for actor, subject in [("staff:987654321", "members.member"), ("x", "gone.model")]
        ]
    )

    page = owner.get(LOG).content.decode()

    assert row.pk
    assert "Regulars changed One" in page
    assert "Somebody who worked here enrolled Members, number 987654321" in page
    assert "Somebody changed gone.model, number 987654321" in page


def test_the_log_is_narrowed_by_who_what_and_when(owner, ada, shop):
    mina = shop.member(name="Mina K")
    block_member(member_id=mina.pk, actor=staff_actor(ada.pk), reason="")

    by_ada = owner.get(LOG, {"who": f"staff:{ada.pk}", "what": "members.member", "since": "7"})
    by_system = owner.get(LOG, {"who": "system", "what": "members.member"})

    assert ["blocked Mina" in each.content.decode() for each in (by_ada, by_system)] == [
        True,
        False,
    ]
    assert "enrolled Mina K" in by_system.content.decode()


@pytest.mark.parametrize(
    "asked", [{"who": "staff:0"}, {"since": "x"}, {"after": "x"}, {"what": "x"}]
)
def test_a_filter_that_makes_no_sense_breaks_nothing(owner, asked):
    assert owner.get(LOG, asked).status_code == 200


def test_the_log_of_another_organization_is_not_shown(owner, shop):
    other = open_shop("low-road", name="Low Road")
    other.member(name="Stranger")

    assert "Stranger" not in owner.get(LOG).content.decode()
    assert owner.get("/office/low-road/log/").status_code == 404
    assert Organization.objects.count() == 2


@pytest.mark.parametrize("more", [1, 3])
def test_the_log_asks_a_fixed_number_of_questions(owner, shop, more, django_assert_num_queries):
    for number in range(more):
        shop.member(phone=f"+44740012345{number}", name="N")
    owner.get(LOG)

    with django_assert_num_queries(10):
        owner.get(LOG)
