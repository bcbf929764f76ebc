import uuid

import pytest

from core.errors import InvalidInput
from members.models import Card, CardKind, CardStatus, Member, MemberStatus, Source
from members.queries import card_number, member_by_reference
from members.references import Reference, Sign, parse_reference
from members.services.enrollment import enroll

ID = "6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10"


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        (ID, Reference(Sign.ID, ID)),
        (f" {ID.upper()} ", Reference(Sign.ID, ID)),
        ("2900000000001", Reference(Sign.CARD, "2900000000001")),
        ("۲۹ 0000 0000-001", Reference(Sign.CARD, "2900000000001")),
        ("+447400123456", Reference(Sign.PHONE, "+447400123456")),
        ("07400 123456", Reference(Sign.PHONE, "+447400123456")),
        ("00 44 (0) 7400 123456", Reference(Sign.PHONE, "+447400123456")),
    ],
)
def test_a_member_is_named_by_id_card_or_phone_in_one_spelling(typed, reference):
    assert parse_reference(typed, region="GB") == reference
    assert parse_reference(reference.text, region="GB") == reference


@pytest.mark.proves("input 83", "input 72", "input 20")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone_invalid"),
        ("0", "phone_invalid"),
        ("-1", "phone_invalid"),
        ("9" * 40, "phone_invalid"),
        ("9" * 5000, "phone_invalid"),
        ("1.0", "phone_invalid"),
        ("null", "phone_letters"),
        (ID[:-1], "phone_letters"),
        (ID.replace("-", ""), "phone_letters"),
        ("2900000000002", "card_invalid"),
        ("' OR 1=1--", "phone_letters"),
        ("a\0b", "text_not_allowed"),
    ],
)
def test_what_can_be_nobody_is_refused_under_the_field_it_stands_in(typed, code):
    with pytest.raises(InvalidInput) as refused:
        parse_reference(typed, region="GB")

    assert (refused.value.code, refused.value.field) == (code, "member")


def test_a_member_is_found_by_each_of_the_three(organization, ada):
    number = ada.cards.get().number

    assert member_by_reference(organization, str(ada.public_id)) == ada
    assert member_by_reference(organization, number) == ada
    assert member_by_reference(organization, "07400 123456") == ada
    assert card_number(ada) == number


def test_the_card_in_use_is_the_one_that_is_told(organization, ada):
    Card.objects.filter(member=ada).update(status=CardStatus.LOST, is_primary=False)
    assert card_number(ada) is None

    Card.objects.create(
        organization=organization,
        member=ada,
        number="2900000000001",
        kind=CardKind.PERSONAL,
        is_primary=True,
    )

    assert card_number(ada) == "2900000000001"


def test_a_merged_member_is_the_one_they_became(organization, join, ada):
    gone = join(phone="+447400654321").member
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=ada)

    assert member_by_reference(organization, str(gone.public_id)) == ada
    assert member_by_reference(organization, "+447400654321") == ada


@pytest.mark.proves("X2", "X5")
def test_nobody_is_found_across_organizations(organization, stranger):
    theirs = enroll(organization_id=stranger.pk, phone="+447400123456", source=Source.TILL).member

    for reference in (str(theirs.public_id), theirs.cards.get().number, theirs.phone):
        assert member_by_reference(organization, reference) is None
    assert member_by_reference(organization, str(uuid.uuid4())) is None
