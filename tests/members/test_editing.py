from functools import partial

import pytest

from core.actors import staff_actor
from core.errors import Missing, TextTooLong
from core.models import AuditRecord, User
from members.birthdays import Birthday
from members.errors import (
    BirthdayInvalid,
    ContactIsUsedToSignIn,
    ContactNeeded,
    EmailTaken,
    ExternalIdTaken,
    MemberClosed,
    PhoneTaken,
)
from members.models import Member, MemberStatus
from members.services.blocking import block_member, unblock_member
from members.services.editing import edit_member
from tests.noted import define
from tests.racing import race

ACTOR = staff_actor(5)


def state(member):
    return Member.objects.filter(pk=member.pk).values().get()


def audited():
    return list(
        AuditRecord.objects.exclude(verb="enrolled").values_list("verb", "fields", "reason")
    )


def test_only_what_is_named_changes(ada, store):
    define(ada.organization, size="text")

    edit_member(
        member_id=ada.pk,
        actor=ACTOR,
        name="Ada King",
        birthday=Birthday(12, 10),
        store_id=store.pk,
        attributes={"size": "M"},
    )

    ada.refresh_from_db()
    assert (ada.name, ada.birthday, ada.home_store) == ("Ada King", Birthday(12, 10), store)
    assert ada.attributes == {"size": "M"}
    assert (ada.phone, ada.email) == ("+447400123456", "Ada@Example.org")
    names = ["attributes", "birth_day", "birth_month", "home_store_id", "name"]
    assert audited() == [("edited", names, "")]


def test_contacts_are_changed_in_their_one_spelling(ada):
    edit_member(member_id=ada.pk, actor=ACTOR, phone="07400 654321", email="EVE@Example.org")

    ada.refresh_from_db()
    assert (ada.phone, ada.email, ada.email_key) == (
        "+447400654321",
        "EVE@Example.org",
        "eve@example.org",
    )
    assert ada.phone_reversed == "123456004744+"


def test_what_was_told_can_be_taken_back(ada):
    define(ada.organization, size="text")
    edit_member(member_id=ada.pk, actor=ACTOR, birthday="--12-10", attributes={"size": "M"})

    edit_member(
        member_id=ada.pk,
        actor=ACTOR,
        email=None,
        name="",
        birthday=None,
        language="",
        attributes={"size": None},
    )

    ada.refresh_from_db()
    assert (ada.email, ada.email_key, ada.name, ada.birthday) == (None, None, "", None)
    assert ada.attributes == {}


def test_saying_the_same_again_changes_nothing(ada):
    before = state(ada)

    edit_member(member_id=ada.pk, actor=ACTOR, phone="+44 7400 123456", name=" Ada Lovelace ")

    assert state(ada) == before
    assert audited() == []


@pytest.mark.parametrize(
    ("why", "changes", "refusal"),
    [
        ("phone of another", {"phone": "07400 654321"}, PhoneTaken),
        ("address of another", {"email": "EVE@example.org"}, EmailTaken),
        ("id of another", {"external_id": "17850"}, ExternalIdTaken),
        ("no contact left", {"phone": None, "email": ""}, ContactNeeded),
        ("born too early", {"birthday": "1850-01-01"}, BirthdayInvalid),
        ("a name without end", {"name": "x" * 151}, TextTooLong),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(join, ada, why, changes, refusal):
    join(phone="07400 654321", email="eve@example.org", external_id="17850")
    before = state(ada)

    with pytest.raises(refusal) as refused:
        edit_member(member_id=ada.pk, actor=ACTOR, **{"language": "fa", **changes})

    assert refused.value.field in {"phone", "email", "external_id", "birthday", "name"}
    assert state(ada) == before
    assert audited() == []


@pytest.mark.parametrize(("field", "value"), [("phone", "07400 654321"), ("email", None)])
def test_staff_cannot_change_what_a_member_signs_in_with(ada, field, value):
    Member.objects.filter(pk=ada.pk).update(user=User.objects.create_user())
    before = state(ada)

    with pytest.raises(ContactIsUsedToSignIn) as refused:
        edit_member(member_id=ada.pk, actor=ACTOR, **{field: value})

    assert refused.value.field == field
    assert state(ada) == before


def test_staff_may_change_the_name_of_somebody_who_signs_in(ada):
    Member.objects.filter(pk=ada.pk).update(user=User.objects.create_user())

    edit_member(member_id=ada.pk, actor=ACTOR, name="Ada King", phone="07400 123456")

    assert state(ada)["name"] == "Ada King"


@pytest.mark.parametrize(
    "act",
    [
        partial(edit_member, name="Changed"),
        partial(block_member, reason="fraud"),
        unblock_member,
    ],
)
def test_a_merged_member_is_closed(join, ada, act):
    gone = join(phone="07400 654321").member
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=ada)
    before = state(gone)

    with pytest.raises(MemberClosed):
        act(member_id=gone.pk, actor=ACTOR)

    assert state(gone) == before
    assert audited() == []


def test_a_member_who_does_not_exist_cannot_be_changed(db):
    with pytest.raises(Missing):
        edit_member(member_id=0, actor=ACTOR, name="Changed")


def test_a_member_is_blocked_with_a_reason_and_let_in_again(ada):
    assert block_member(member_id=ada.pk, actor=ACTOR, reason=" odd purchases ").status == "blocked"
    assert state(ada)["status"] == "blocked"

    assert unblock_member(member_id=ada.pk, actor=ACTOR).status == "active"
    assert state(ada)["status"] == "active"
    assert audited() == [
        ("blocked", ["status"], "odd purchases"),
        ("unblocked", ["status"], ""),
    ]


def test_blocking_twice_is_blocking_once(ada):
    block_member(member_id=ada.pk, actor=ACTOR, reason="fraud")

    block_member(member_id=ada.pk, actor=ACTOR, reason="fraud again")

    assert audited() == [("blocked", ["status"], "fraud")]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_members_cannot_move_to_the_same_phone_at_once(join):
    first, second = join(phone="07400 111111").member, join(phone="07400 222222").member

    results = race(
        partial(edit_member, member_id=first.pk, actor=ACTOR, phone="07400 333333"),
        partial(edit_member, member_id=second.pk, actor=ACTOR, phone="07400 333333"),
    )

    assert sorted(type(result).__name__ for result in results) == ["Member", "PhoneTaken"]
    assert Member.objects.filter(phone="+447400333333").count() == 1
