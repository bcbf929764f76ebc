import pytest
from django.db import IntegrityError, transaction

from core.models import Store, User
from members.models import Card, Consent, Member

NUMBER = "2900000000001"


def member_with(organization, **fields):
    return Member.objects.create(organization=organization, joined_source="till", **fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("member_phone_is_in_e164", {"phone": "07400123456"}),
        ("member_phone_is_in_e164", {"phone": "+4474001234x"}),
        ("phone_belongs_to_one_member", {"phone": "+447400123456"}),
        ("email_belongs_to_one_member", {"email": "x", "email_key": "ada@example.org"}),
        ("external_id_belongs_to_one_member", {"external_id": "17850"}),
        ("member_external_id_is_not_empty", {"external_id": ""}),
        ("member_email_comes_with_its_key", {"email": "eve@example.org"}),
        ("member_email_comes_with_its_key", {"email_key": "eve@example.org"}),
        ("member_birthday_is_a_day_of_the_year", {"birth_month": 13, "birth_day": 1}),
        ("member_birthday_is_a_day_of_the_year", {"birth_month": 1, "birth_day": 32}),
        ("member_birthday_is_a_day_of_the_year", {"birth_month": 1}),
        ("member_birthday_is_a_day_of_the_year", {"birth_year": 1990}),
        ("member_status_is_a_known_status", {"status": "asleep"}),
        ("merged_member_names_its_survivor", {"status": "merged"}),
        ("erased_member_keeps_no_identity", {"status": "erased", "phone": "+447400654321"}),
        ("erased_member_keeps_no_identity", {"status": "erased", "name": "Ada"}),
        ("erased_member_keeps_no_identity", {"status": "erased", "attributes": {"a": 1}}),
    ],
)
def test_the_database_keeps_members_sound(organization, join, ada, constraint, fields):
    join(external_id="17850")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        member_with(organization, **fields)


def test_an_active_member_is_not_merged_into_anyone(organization, ada):
    with pytest.raises(IntegrityError, match="merged_member_names"), transaction.atomic():
        member_with(organization, merged_into=ada)


def test_a_member_is_not_merged_into_itself(ada):
    with pytest.raises(IntegrityError, match="not_merged_into_itself"), transaction.atomic():
        Member.objects.filter(pk=ada.pk).update(status="merged", merged_into=ada)


def test_a_user_is_one_member_of_an_organization_and_may_be_one_of_another(organization, stranger):
    user = User.objects.create_user()
    member_with(organization, user=user)
    member_with(stranger, user=user)

    with pytest.raises(IntegrityError, match="user_is_one_member"), transaction.atomic():
        member_with(organization, user=user)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("card_number_is_unique", {"number": NUMBER, "kind": "bearer"}),
        ("card_number_is_thirteen_digits", {"number": "4006381333931", "kind": "bearer"}),
        ("card_number_is_thirteen_digits", {"number": "29123", "kind": "bearer"}),
        ("personal_card_has_a_member", {"number": "2900000000018", "kind": "personal"}),
        (
            "card_status_is_a_known_status",
            {"number": "2900000000018", "kind": "bearer", "status": "x"},
        ),
        (
            "primary_card_is_in_use",
            {"number": "2900000000018", "kind": "bearer", "is_primary": True},
        ),
    ],
)
def test_the_database_keeps_cards_sound(organization, constraint, fields):
    Card.objects.create(organization=organization, number=NUMBER, kind="bearer")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Card.objects.create(organization=organization, **fields)


def test_a_member_has_one_primary_card(organization, ada):
    with pytest.raises(IntegrityError, match="one_primary_card"), transaction.atomic():
        Card.objects.create(
            organization=organization, member=ada, number=NUMBER, kind="personal", is_primary=True
        )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("known_channel", {"channel": "pigeon", "purpose": "marketing"}),
        ("known_purpose", {"channel": "sms", "purpose": "everything"}),
    ],
)
def test_the_database_knows_channels_and_purposes(ada, constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Consent.objects.create(member=ada, granted=True, text_version="1", **fields)


def test_nothing_points_into_another_organization(stranger, store, ada):
    """What the services refuse by asking, the database refuses by composite foreign keys."""
    inside = member_with(stranger)

    for constraint, act in (
        ("home_store_is", lambda: member_with(stranger, home_store=store)),
        ("survivor_is", lambda: member_with(stranger, status="merged", merged_into=ada)),
        (
            "card_and_member_are",
            lambda: Card.objects.create(
                organization=stranger, member=ada, number=NUMBER, kind="personal"
            ),
        ),
        ("home_store_is", lambda: Store.objects.filter(pk=store.pk).update(organization=stranger)),
    ):
        if constraint == "home_store_is":
            Member.objects.filter(pk=ada.pk).update(home_store=store)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            act()

    assert Member.objects.filter(organization=stranger).get() == inside


def test_a_member_is_shown_by_name_or_else_by_id(organization, ada):
    nameless = member_with(organization)

    assert (str(ada), str(nameless)) == ("Ada Lovelace", str(nameless.public_id))
    assert str(ada.cards.get()) == ada.cards.get().number
    assert (ada.is_open, Member(status="erased").is_open) == (True, False)
