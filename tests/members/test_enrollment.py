from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from core.actors import Actor
from core.errors import LanguageNotOffered, Missing, TextNotAllowed, Unavailable
from core.models import AuditRecord
from members.birthdays import Birthday
from members.cards import is_card_number
from members.errors import (
    AttributeUnknown,
    BirthdayInvalid,
    CardInvalid,
    CardTaken,
    ConsentInvalid,
    ContactNeeded,
    EmailInvalid,
    EmailTaken,
    NameEmpty,
    PhoneHasExtension,
    PhoneInvalid,
    PhoneNeedsCountry,
    StoreUnknown,
)
from members.models import Card, CardKind, CardStatus, Consent, Member, MemberStatus, Source
from members.services.consents import ConsentGiven
from members.services.enrollment import enroll
from members.signals import member_enrolled
from tests.members.test_phones import SIX_NOTATIONS
from tests.noted import define

BEARER = "2900000000001"
MARKETING = ConsentGiven("sms", "marketing", text_version="2026-01")


def everything():
    return [model.objects.count() for model in (Member, Card, Consent, AuditRecord)]


@pytest.fixture
def announced():
    heard = []

    def listen(sender, member, **_):
        heard.append((sender, member.pk, transaction.get_connection().in_atomic_block))

    member_enrolled.connect(listen)
    yield heard
    member_enrolled.disconnect(listen)


def test_a_phone_number_is_enough_to_join(join, organization, announced):
    enrolled = join(phone="07400 123456", actor=Actor("staff", 5))

    member = Member.objects.get()
    assert enrolled.created is True
    assert enrolled.member == member
    assert (member.organization, member.phone, member.joined_source) == (
        organization,
        "+447400123456",
        "till",
    )
    assert (member.email, member.name, member.birthday, member.language) == (None, "", None, "")
    assert announced == [(Member, member.pk, True)]
    record = AuditRecord.objects.get()
    assert (record.verb, record.subject_id, record.actor) == ("enrolled", member.pk, "staff:5")
    assert record.fields == ["phone"]


def test_a_new_member_has_one_primary_card_with_a_check_digit(join):
    member = join(phone="07400 123456").member

    card = member.cards.get()
    assert is_card_number(card.number)
    assert (card.kind, card.status, card.is_primary) == ("personal", "active", True)


def test_everything_told_at_the_start_is_kept(join, store):
    define(store.organization, size="text")
    joined_at = datetime(2020, 5, 17, 9, 30, tzinfo=UTC)

    member = join(
        phone="07400 123456",
        email=" Ada@Bücher.example ",
        external_id="C-17850",
        name="Ada Lovelace",
        birthday=Birthday(12, 10, 1985),
        language="fa-IR",
        store_id=store.pk,
        attributes={"size": "M"},
        consents=[MARKETING],
        joined_at=joined_at,
    ).member

    member.refresh_from_db()
    assert (member.email, member.email_key) == ("Ada@Bücher.example", "ada@xn--bcher-kva.example")
    assert (member.external_id, member.name) == ("C-17850", "Ada Lovelace")
    assert (member.birthday, str(member.birthday)) == (Birthday(12, 10, 1985), "1985-12-10")
    assert (member.language, member.home_store, member.attributes) == ("fa", store, {"size": "M"})
    assert member.joined_at == joined_at
    consent = member.consents.get()
    assert (consent.channel, consent.purpose, consent.granted) == ("sms", "marketing", True)
    assert (consent.text_version, consent.source, consent.by) == ("2026-01", "till", "system")


@pytest.mark.proves("input 12")
def test_an_enrolled_phone_returns_the_member_unchanged(join, ada, announced):
    before = everything()

    again = join(phone="+44 7400 123456", name="Eve", email="eve@example.org", consents=[MARKETING])

    assert (again.member, again.created) == (ada, False)
    assert again.member.name == "Ada Lovelace"
    assert again.member.email == "Ada@Example.org"
    assert everything() == before
    assert announced == []


@pytest.mark.proves("input 1", "input 4", "input 5", "input 6", "input 12")
def test_six_notations_of_one_number_are_one_member(tehran):
    enrolled = [
        enroll(organization_id=tehran.pk, phone=typed, source=Source.TILL)
        for typed in SIX_NOTATIONS
    ]

    member = Member.objects.get()
    assert member.phone == "+989123456789"
    assert [each.created for each in enrolled] == [True, False, False, False, False, False]
    assert {each.member for each in enrolled} == {member}


@pytest.mark.proves("input 18")
@pytest.mark.parametrize(
    "again", ["ADA@EXAMPLE.ORG", " ada@example.org ", "ada@ｅｘａｍｐｌｅ.org"]
)
def test_one_address_in_two_spellings_is_one_member(join, again):
    first = join(email="Ada@Example.org")

    second = join(email=again)

    assert (second.member, second.created) == (first.member, False)
    assert Member.objects.get().email == "Ada@Example.org"


@pytest.mark.proves("input 17", "input 19")
@pytest.mark.parametrize("other", ["\u0430da@example.org", "ada+x@example.org", "a.da@example.org"])
def test_addresses_that_only_look_alike_are_two_members(join, other):
    join(email="ada@example.org")

    assert join(email=other).created is True
    assert sorted(Member.objects.values_list("email", flat=True)) == sorted(
        ["ada@example.org", other]
    )


def test_the_id_of_another_system_is_enough_and_finds_the_member_again(join):
    first = join(external_id="17850", source=Source.IMPORT)

    again = join(external_id=" 17850 ", phone="07400 123456", source=Source.IMPORT)

    assert (again.member, again.created) == (first.member, False)
    assert Member.objects.get().phone is None


def test_a_known_phone_wins_over_an_unknown_id_of_another_system(join, ada):
    again = join(external_id="17850", phone="07400 123456")

    assert (again.member, again.created) == (ada, False)
    assert Member.objects.get().external_id is None


def test_a_new_phone_with_somebody_elses_address_is_refused(join, ada):
    before = everything()

    with pytest.raises(EmailTaken):
        join(phone="07400 654321", email="ada@example.org")

    assert everything() == before


@pytest.mark.proves("input 12")
def test_the_same_phone_joins_two_organizations_as_two_members(join, stranger):
    here = join(phone="07400 123456").member

    there = enroll(organization_id=stranger.pk, phone="07400 123456", source=Source.TILL).member

    assert here != there
    assert (here.phone, there.phone) == ("+447400123456", "+447400123456")


def test_a_merged_member_joining_again_is_the_one_that_lives_on(join, ada):
    old = join(external_id="17850").member
    Member.objects.filter(pk=old.pk).update(status=MemberStatus.MERGED, merged_into=ada)

    again = join(external_id="17850")

    assert (again.member, again.created) == (ada, False)


def test_a_bearer_card_becomes_the_card_of_whom_it_is_given_to(join, organization):
    Card.objects.create(organization=organization, number=BEARER, kind=CardKind.BEARER)

    member = join(phone="07400 123456", card="29 0000 0000 00-1").member

    card = Card.objects.get()
    assert (card.member, card.number, card.kind, card.is_primary) == (
        member,
        BEARER,
        "personal",
        True,
    )


def test_a_printed_card_that_is_new_to_us_is_taken_on(join):
    member = join(phone="07400 123456", card=BEARER).member

    assert list(member.cards.values_list("number", "is_primary")) == [(BEARER, True)]


@pytest.mark.parametrize("status", [CardStatus.BLOCKED, CardStatus.LOST])
def test_a_blocked_or_lost_card_is_not_handed_out_again(join, organization, status):
    Card.objects.create(
        organization=organization, number=BEARER, kind=CardKind.BEARER, status=status
    )
    before = everything()

    with pytest.raises(CardTaken):
        join(phone="07400 123456", card=BEARER)

    assert everything() == before


def test_somebody_elses_card_is_refused_and_nobody_is_enrolled(join):
    join(phone="07400 123456", card=BEARER)
    before = everything()

    with pytest.raises(CardTaken):
        join(phone="07400 654321", card=BEARER)

    assert everything() == before


def test_when_no_card_number_is_free_nobody_is_enrolled(join):
    """A trigger that swallows new cards stands for ten thousand million used numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER swallow BEFORE INSERT ON members_card"
            " FOR EACH ROW EXECUTE FUNCTION swallow();"
        )

    with pytest.raises(Unavailable):
        join(phone="07400 123456")

    assert everything() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("why", "details", "refusal", "field"),
    [
        ("nothing to know somebody by", {"name": "Ada"}, ContactNeeded, "phone"),
        ("blank contacts", {"phone": "", "email": ""}, ContactNeeded, "phone"),
        ("phone", {"phone": "12345"}, PhoneInvalid, "phone"),
        ("extension", {"phone": "07400123456x1"}, PhoneHasExtension, "phone"),
        ("NUL in the phone", {"phone": "07400\000123456"}, TextNotAllowed, "phone"),
        ("e-mail", {"email": "ada"}, EmailInvalid, "email"),
        ("surrogate in the e-mail", {"email": "a\ud800@example.org"}, TextNotAllowed, "email"),
        ("invisible name", {"phone": "07400123456", "name": "\u200b"}, NameEmpty, "name"),
        ("NUL in the name", {"phone": "07400123456", "name": "A\0"}, TextNotAllowed, "name"),
        ("NUL in the id", {"external_id": "1\0"}, TextNotAllowed, "external_id"),
        (
            "born tomorrow",
            {"phone": "07400123456", "birthday": "2999-01-01"},
            BirthdayInvalid,
            "birthday",
        ),
        (
            "a language nobody speaks here",
            {"phone": "07400123456", "language": "tlh"},
            LanguageNotOffered,
            "language",
        ),
        ("no such store", {"phone": "07400123456", "store_id": 0}, StoreUnknown, "store"),
        ("card", {"phone": "07400123456", "card": "2900000000002"}, CardInvalid, "card"),
        ("NUL in the card", {"phone": "07400123456", "card": "29\0"}, TextNotAllowed, "card"),
        (
            "attributes",
            {"phone": "07400123456", "attributes": {"a": []}},
            AttributeUnknown,
            "attributes.a",
        ),
        (
            "consent to an unknown channel",
            {"phone": "07400123456", "consents": [ConsentGiven("pigeon", "marketing", "1")]},
            ConsentInvalid,
            "consents",
        ),
        (
            "consent to no text",
            {"phone": "07400123456", "consents": [ConsentGiven("sms", "marketing", " ")]},
            ConsentInvalid,
            "consents",
        ),
    ],
)
def test_a_wrong_detail_is_named_and_nothing_is_kept(join, why, details, refusal, field):
    with pytest.raises(refusal) as refused:
        join(**details)

    assert refused.value.field == field
    assert everything() == [0, 0, 0, 0]


@pytest.mark.proves("input 11")
def test_a_national_number_needs_a_country_that_has_numbers(organization):
    type(organization).objects.filter(pk=organization.pk).update(country="ZZ")

    with pytest.raises(PhoneNeedsCountry):
        enroll(organization_id=organization.pk, phone="07400 123456", source=Source.TILL)

    assert everything() == [0, 0, 0, 0]


def test_a_store_of_another_organization_does_not_exist(join, store, stranger):
    with pytest.raises(StoreUnknown):
        enroll(
            organization_id=stranger.pk, phone="07400 123456", store_id=store.pk, source=Source.API
        )

    assert everything() == [0, 0, 0, 0]


def test_an_organization_that_does_not_exist_has_no_members(db):
    with pytest.raises(Missing):
        enroll(organization_id=0, phone="07400 123456", source=Source.API)


@pytest.mark.proves("input 110")
@pytest.mark.parametrize(
    "name", ["O'Connor", "Null", "محمد\u200cرضا", "\U0001f469\u200d\U0001f680"]
)
def test_real_names_come_back_from_the_database_unchanged(join, name):
    join(phone="07400 123456", name=name)

    assert Member.objects.get().name == name


@pytest.mark.proves("input 111")
@pytest.mark.parametrize("typed", ["1992-02-29", "--02-29", "1900-01-01"])
def test_unusual_birthdays_come_back_from_the_database_unchanged(join, typed):
    join(phone="07400 123456", birthday=typed)

    assert str(Member.objects.get().birthday) == typed
