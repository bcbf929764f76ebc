import uuid

import pytest
from django.db import connection

from core.errors import Missing, TextNotAllowed
from members.errors import CardInvalid, EmailInvalid, LookUpUnreadable, PhoneInvalid
from members.models import Card, CardKind, CardStatus, Member, MemberStatus, Source
from members.queries import find_member, get_member, look_up, masked, members_of
from members.services.enrollment import enroll
from tests.members.test_phones import SIX_NOTATIONS

BEARER = "2900000000001"


def merge(gone, survivor):
    Member.objects.filter(pk=gone.pk).update(status=MemberStatus.MERGED, merged_into=survivor)


def erase(member):
    Member.objects.filter(pk=member.pk).update(
        status=MemberStatus.ERASED, phone=None, email=None, email_key=None, name=""
    )


@pytest.fixture
def mina(tehran):
    return enroll(
        organization_id=tehran.pk, phone=SIX_NOTATIONS[0], name="مینا احمدی", source=Source.TILL
    ).member


@pytest.mark.proves("input 1", "input 4", "input 5", "input 6")
@pytest.mark.parametrize("typed", SIX_NOTATIONS)
def test_a_member_is_found_by_phone_in_any_notation(tehran, mina, typed):
    assert find_member(tehran, phone=typed) == mina
    assert [found.public_id for found in look_up(tehran, typed)] == [mina.public_id]


@pytest.mark.parametrize(
    "notate", [str, lambda number: f"{number[:2]} {number[2:12]}-{number[12]}"]
)
def test_a_member_is_found_by_card_number(organization, ada, notate):
    typed = notate(ada.cards.get().number)

    assert find_member(organization, card=typed) == ada
    assert [found.public_id for found in look_up(organization, typed)] == [ada.public_id]


@pytest.mark.proves("input 18")
@pytest.mark.parametrize("typed", ["ada@example.org", "ADA@EXAMPLE.ORG", " Ada@Example.org\u200e"])
def test_a_member_is_found_by_address_however_it_is_spelled(organization, ada, typed):
    assert find_member(organization, email=typed) == ada
    assert [found.public_id for found in look_up(organization, typed)] == [ada.public_id]


@pytest.mark.proves("input 17")
def test_a_lookalike_address_finds_nobody(organization, ada):
    assert find_member(organization, email="\u0430da@example.org") is None
    assert look_up(organization, "\u0430da@example.org") == []


@pytest.mark.parametrize(
    ("why", "sign", "refusal"),
    [
        ("phone", {"phone": "12345"}, PhoneInvalid),
        ("card", {"card": "2900000000002"}, CardInvalid),
        ("e-mail", {"email": "ada"}, EmailInvalid),
        pytest.param(
            "NUL", {"phone": "a\0b"}, TextNotAllowed, marks=pytest.mark.proves("input 20")
        ),
        pytest.param(
            "surrogate",
            {"email": "\ud800@a.b"},
            TextNotAllowed,
            marks=pytest.mark.proves("input 21"),
        ),
    ],
)
def test_an_exact_search_refuses_what_nobody_can_have(organization, why, sign, refusal):
    with pytest.raises(refusal):
        find_member(organization, **sign)


def test_a_search_without_a_sign_or_with_an_unknown_one_finds_nobody(organization, ada):
    assert find_member(organization) is None
    assert find_member(organization, phone="07400 654321") is None
    assert find_member(organization, card=BEARER) is None
    assert find_member(organization, email="eve@example.org") is None


@pytest.mark.parametrize("typed", ["3456", "۳۴۵۶", " 34-56 ", "123456", "400123456"])
def test_last_digits_find_everyone_whose_number_ends_so(organization, join, ada, typed):
    eve = join(phone="07500 123456", name="Eve Other").member
    join(phone="07500 123457")

    found = look_up(organization, typed)

    expected = {ada.public_id} if typed == "400123456" else {ada.public_id, eve.public_id}
    assert {each.public_id for each in found} == expected


def test_last_digits_keep_their_zeros(organization, join):
    zero = join(phone="07400 120056").member
    join(phone="07400 123456")

    assert [found.public_id for found in look_up(organization, "0056")] == [zero.public_id]


def test_a_visitors_national_number_is_found_without_its_country(organization, join):
    visitor = join(phone="+98 912 345 6789").member

    assert [found.public_id for found in look_up(organization, "0912 345 6789")] == [
        visitor.public_id
    ]


def test_at_most_ten_are_shown(organization):
    Member.objects.bulk_create(
        Member(organization=organization, phone=f"+4474{number:04d}3456", joined_source="till")
        for number in range(12)
    )

    assert len(look_up(organization, "3456")) == 10


@pytest.mark.parametrize(
    "typed", ["", "  ", "123", "Ada", "12a4", "½½½½", "*", "0912x34", "%%%%", "____"]
)
def test_the_field_says_what_it_needs(organization, ada, typed):
    with pytest.raises(LookUpUnreadable) as refusal:
        look_up(organization, typed)

    assert refusal.value.field == "q"


@pytest.mark.proves("input 20", "input 21")
@pytest.mark.parametrize("typed", ["a\0b", "3456\0", "\ud8003456", "a@b\0.org"])
def test_the_field_refuses_nul_and_lone_surrogates(organization, typed):
    with pytest.raises(TextNotAllowed):
        look_up(organization, typed)


def test_a_very_long_number_finds_nobody(organization, ada):
    assert look_up(organization, "1" * 30_000) == []


def test_a_cashier_sees_no_more_than_is_needed_to_choose(organization, ada):
    number = ada.cards.get().number

    (found,) = look_up(organization, "3456")

    assert found.name == "Ada L."
    assert found.phone == "+44740•••3456"
    assert found.card == number[-4:]
    assert found.is_blocked is False


def test_somebody_without_phone_or_card_is_shown_without_them(join):
    member = join(email="ada@example.org").member
    Card.objects.filter(member=member).update(is_primary=False)

    (shown,) = masked([member])

    assert (shown.name, shown.phone, shown.card) == ("", "", "")


def test_a_blocked_member_is_found_and_said_to_be_blocked(organization, ada):
    Member.objects.filter(pk=ada.pk).update(status=MemberStatus.BLOCKED)

    assert [found.is_blocked for found in look_up(organization, "07400 123456")] == [True]
    assert [found.is_blocked for found in look_up(organization, "3456")] == [True]


@pytest.mark.parametrize("status", [CardStatus.BLOCKED, CardStatus.LOST])
def test_a_blocked_or_lost_card_finds_nobody(organization, ada, status):
    card = ada.cards.get()
    Card.objects.filter(pk=card.pk).update(status=status, is_primary=False)

    assert find_member(organization, card=card.number) is None
    assert look_up(organization, card.number) == []


def test_a_bearer_card_that_nobody_owns_finds_nobody(organization):
    Card.objects.create(organization=organization, number=BEARER, kind=CardKind.BEARER)

    assert find_member(organization, card=BEARER) is None


def test_a_merged_member_leads_to_the_one_that_lives_on(organization, join, ada):
    second = join(phone="07400 654321").member
    third = join(phone="07400 111111").member
    merge(third, second)
    merge(second, ada)

    assert find_member(organization, phone="07400 111111") == ada
    assert find_member(organization, card=third.cards.get().number) == ada
    assert get_member(organization, third.public_id) == ada
    assert [found.public_id for found in look_up(organization, "07400 654321")] == [ada.public_id]
    assert look_up(organization, "4321") == []


def test_an_erased_member_is_not_found_by_any_sign(organization, ada):
    erase(ada)

    assert find_member(organization, phone="07400 123456") is None
    assert look_up(organization, "3456") == []


def test_another_organizations_member_does_not_exist(organization, stranger, ada):
    assert find_member(stranger, phone="07400 123456") is None
    assert find_member(stranger, card=ada.cards.get().number) is None
    assert find_member(stranger, email="ada@example.org") is None
    assert look_up(stranger, "3456") == []
    assert list(members_of(stranger)) == []
    assert list(members_of(organization)) == [ada]
    with pytest.raises(Missing):
        get_member(stranger, ada.public_id)


def test_a_member_is_got_by_id(organization, ada):
    assert get_member(organization, ada.public_id) == ada
    with pytest.raises(Missing):
        get_member(organization, uuid.uuid4())


def test_those_present_are_the_active_and_the_blocked(organization, join, ada):
    blocked = join(phone="07400 654321").member
    Member.objects.filter(pk=blocked.pk).update(status=MemberStatus.BLOCKED)
    gone = join(phone="07400 111111").member
    merge(gone, ada)
    erase(join(phone="07400 222222").member)

    assert set(members_of(organization).present()) == {ada, blocked}


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize(
    ("typed", "questions"),
    [("07400 123456", 2), ("ada@example.org", 2), ("2900000000001", 2), ("3456", 2)],
)
def test_a_look_up_asks_the_database_a_fixed_number_of_questions(
    organization, join, django_assert_num_queries, members, typed, questions
):
    join(phone="07400 123456", email="ada@example.org", card=BEARER)
    for number in range(1, members):
        join(phone=f"0750{number} 123456")

    with django_assert_num_queries(questions):
        assert look_up(organization, typed) != []


@pytest.mark.parametrize("typed", ["07400 000000", "3456"])
def test_a_search_that_finds_nobody_asks_at_most_twice(
    organization, django_assert_max_num_queries, typed
):
    with django_assert_max_num_queries(2):
        assert look_up(organization, typed) == []


def test_each_search_has_its_index(organization):
    """Five thousand members make reading the whole table the dearer way."""
    Member.objects.bulk_create(
        Member(
            organization=organization,
            phone=f"+4474{number:08d}",
            email=f"a{number}@example.org",
            email_key=f"a{number}@example.org",
            joined_source="import",
        )
        for number in range(5_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
    members = members_of(organization)

    plans = {
        "members_by_last_digits": members.present().ending_with("3456")[:10].explain(),
        "phone_belongs_to_one_member": members.filter(phone="+447400003456").explain(),
        "email_belongs_to_one_member": members.filter(email_key="a77@example.org").explain(),
    }

    assert [index for index, plan in plans.items() if index not in plan] == []
