import re
import time
from statistics import median

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from core.actors import SYSTEM
from core.models import AuditRecord, OutgoingMessage, User
from members.errors import CodeNotAccepted
from members.models import Member, SignInCode
from members.services.blocking import block_member
from members.services.codes import ask_code, sign_in
from members.services.enrollment import enroll
from tests.clubs import ask, at, club_of, last_code, type_code, wrong_code
from tests.tills import text_of

START = "2026-03-02T09:00:00Z"
NOBODY = "07400 999999"


@pytest.fixture(autouse=True)
def fresh_counters(db):
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def is_in(client, organization):
    return client.get(at(organization, "me/")).status_code == 200


@pytest.mark.parametrize(
    ("why", "contact"),
    [
        ("as it is written at home", "07400 123456"),
        ("as it is written abroad", "+44 7400 123456"),
        ("in Persian digits", "۰۷۴۰۰۱۲۳۴۵۶"),
        ("by e-mail", "ada@example.org"),
        ("by e-mail in capitals", "ADA@EXAMPLE.ORG"),
    ],
)
def test_a_member_comes_in_by_the_code_that_was_sent(organization, ada, client, why, contact):
    ask(client, organization, contact)
    answer = type_code(client, organization, last_code())

    assert (answer.status_code, answer.url) == (302, at(organization))
    assert is_in(client, organization)


@pytest.mark.proves("input 13")
@pytest.mark.parametrize("zero", ["0", "۰", "٠", "０", "०"])
def test_a_code_is_typed_in_any_script(organization, ada, client, zero):
    ask(client, organization, ada.phone)
    typed = "".join(chr(ord(zero) + int(digit)) for digit in last_code())

    type_code(client, organization, f" {typed[:3]} {typed[3:]} ")

    assert is_in(client, organization)


def test_the_first_sign_in_gives_the_member_a_user_and_later_ones_keep_it(organization, ada):
    club_of(ada)
    ada.refresh_from_db()
    first = ada.user_id
    SignInCode.objects.all().delete()
    club_of(ada, ada.email)
    ada.refresh_from_db()

    assert first is not None
    assert ada.user_id == first
    assert User.objects.get(pk=first).email is None
    assert User.objects.get(pk=first).has_usable_password() is False
    assert (
        list(AuditRecord.objects.values_list("verb", "actor").order_by("pk"))[-2:]
        == [("signed_in", f"member:{ada.pk}")] * 2
    )


@pytest.mark.proves("input 63")
def test_signing_in_gives_the_session_a_new_name(organization, ada, client):
    ask(client, organization, ada.phone)
    before = client.cookies["sid"].value
    type_code(client, organization, last_code())

    assert client.cookies["sid"].value != before
    stale = Client()
    stale.cookies["sid"] = before
    assert not is_in(stale, organization)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "²²²²²²", "1" * 5000, "12345\0"])
def test_what_is_no_code_is_refused_beside_the_field(organization, ada, client, typed):
    ask(client, organization, ada.phone)

    answer = type_code(client, organization, typed)

    assert answer.status_code == 200
    assert answer.context["form"].has_error("code")
    assert not is_in(client, organization)


def test_a_wrong_code_opens_nothing(organization, ada, client):
    ask(client, organization, ada.phone)

    answer = type_code(client, organization, wrong_code())

    assert "does not fit, or it is no longer valid" in text_of(answer)
    assert not is_in(client, organization)
    ada.refresh_from_db()
    assert ada.user is None


@pytest.mark.proves("input 56")
def test_a_code_is_over_after_five_minutes(organization, ada, client, clock):
    ask(client, organization, ada.phone)
    clock.shift(301)

    type_code(client, organization, last_code())

    assert not is_in(client, organization)


@pytest.mark.proves("input 56")
def test_a_code_is_used_once(organization, ada, client):
    ask(client, organization, ada.phone)
    ticket = SignInCode.objects.get().ticket
    type_code(client, organization, last_code())

    with pytest.raises(CodeNotAccepted):
        sign_in(organization_id=organization.pk, ticket=ticket, typed=last_code())


@pytest.mark.proves("input 56")
def test_a_code_works_only_in_the_browser_that_asked(organization, ada, client):
    ask(client, organization, ada.phone)
    thief = Client()
    ask(thief, organization, NOBODY)

    type_code(thief, organization, last_code())

    assert not is_in(thief, organization)
    assert type_code(client, organization, last_code()).status_code == 302


@pytest.mark.proves("input 53")
def test_after_five_wrong_tries_even_the_right_code_is_dead(organization, ada, client):
    ask(client, organization, ada.phone)
    for _try in range(5):
        type_code(client, organization, wrong_code())

    type_code(client, organization, last_code())

    assert not is_in(client, organization)


@pytest.mark.proves("input 53", "input 54", "input 57")
def test_more_codes_come_ever_later_and_ten_a_day_at_most(organization, ada, clock):
    waits = []
    for _code in range(10):
        ask(Client(), organization, ada.phone)
        cache.clear()
        early = ask(Client(), organization, ada.phone)
        assert early.status_code == 429
        waits.append(wait_of(organization, clock))
        clock.shift(waits[-1])

    assert waits[:6] == [30, 60, 120, 300, 900, 900]
    assert sum(waits) == 24 * 60 * 60
    assert OutgoingMessage.objects.count() == 10
    assert ask(Client(), organization, ada.phone).status_code == 302


def wait_of(organization, clock):
    """How long until the next code may be asked for."""
    row = SignInCode.objects.get(organization=organization)
    return round((row.again_at - row.asked_at).total_seconds())


def test_a_second_code_takes_the_place_of_the_first(organization, ada, client, clock):
    ask(client, organization, ada.phone)
    first = last_code()
    clock.shift(31)
    client.post(at(organization, "sign-in/again/"))

    type_code(client, organization, first)
    assert not is_in(client, organization)
    type_code(client, organization, last_code())
    assert is_in(client, organization)


def test_who_asks_again_too_soon_is_told_and_the_code_still_works(organization, ada, client):
    ask(client, organization, ada.phone)

    again = client.post(at(organization, "sign-in/again/"), follow=True)
    same = ask(client, organization, ada.phone)

    assert "Please wait a little" in text_of(again)
    assert same.url == at(organization, "sign-in/code/")
    assert type_code(client, organization, last_code()).status_code == 302


@pytest.mark.proves("input 58")
def test_nobody_can_tell_whether_a_number_is_a_members(organization, ada):
    def walk(contact):
        browser = Client()
        pages = [ask(browser, organization, contact)]
        pages.append(browser.get(at(organization, "sign-in/code/")))
        pages.append(ask(Client(), organization, contact))
        pages.append(browser.post(at(organization, "sign-in/again/"), follow=True))
        pages += [type_code(browser, organization, "000000") for _try in range(6)]
        said = [re.sub(r'value="[\w-]{64}"', "", page.content.decode()) for page in pages]
        return [
            (page.status_code, page.headers.get("Location"), text.replace(contact, "…"))
            for page, text in zip(pages, said, strict=True)
        ]

    known, unknown = walk("07400 123456"), walk(NOBODY)

    assert known == unknown
    assert [code.member_id for code in SignInCode.objects.order_by("pk")] == [ada.pk, None]
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.proves("input 59")
def test_a_known_number_takes_no_longer_than_an_unknown_one(organization, join):
    times = {"known": [], "unknown": []}
    for number in range(40):
        phone = join(phone=f"+4474001{number:05}").member.phone
        for who, typed in (("known", phone), ("unknown", f"+4474009{number:05}")):
            began = time.perf_counter()
            ask_code(organization_id=organization.pk, typed=typed, language="en")
            times[who].append(time.perf_counter() - began)

    assert abs(median(times["known"]) - median(times["unknown"])) < 0.005


@pytest.mark.proves("input 14")
@pytest.mark.parametrize(
    "typed", ["020 7946 0018", "0909 879 0000", "999", "12", "ada", "@", "a\0b"]
)
def test_only_mobile_numbers_and_addresses_can_be_typed(organization, client, typed):
    answer = ask(client, organization, typed)

    assert answer.status_code == 200
    assert answer.context["form"].has_error("contact")
    assert SignInCode.objects.count() == 0


@pytest.mark.proves("X5")
def test_the_same_phone_in_two_clubs_is_two_members(organization, stranger, ada, client):
    other = enroll(organization_id=stranger.pk, source="till", phone=ada.phone, name="A.").member
    ask(client, organization, ada.phone)
    type_code(client, organization, last_code())

    assert is_in(client, organization)
    assert client.get(at(stranger, "me/")).url.startswith(at(stranger, "sign-in/"))
    other.refresh_from_db()
    assert other.user is None
    assert list(SignInCode.objects.values_list("organization", flat=True)) == [organization.pk]


def test_a_code_of_one_club_opens_no_other(organization, stranger, ada, client):
    enroll(organization_id=stranger.pk, source="till", phone=ada.phone)
    ask(client, organization, ada.phone)

    answer = type_code(client, stranger, last_code())

    assert answer.url == at(stranger, "sign-in/")
    assert not is_in(client, stranger)


def test_a_member_of_another_club_gets_no_code_here(stranger, ada, client):
    answer = ask(client, stranger, ada.phone)

    assert answer.status_code == 302
    assert OutgoingMessage.objects.count() == 0


def test_a_blocked_member_may_look_and_is_told(organization, ada):
    block_member(member_id=ada.pk, actor=SYSTEM, reason="lost card")

    assert is_in(club_of(ada), organization)


def test_a_member_who_is_gone_gets_no_code(organization, ada, client):
    Member.objects.filter(pk=ada.pk).update(status="merged", merged_into=join_other(organization))

    ask(client, organization, ada.phone)

    assert list(OutgoingMessage.objects.values_list("to", flat=True)) == ["+447400123456"]
    assert type_code(client, organization, last_code()).status_code == 302
    assert client.get(at(organization, "me/")).context["member"].name == "Bo"


def join_other(organization):
    return enroll(
        organization_id=organization.pk, source="till", phone="+447400777777", name="Bo"
    ).member


@pytest.mark.proves("input 67")
@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/club/high-street/activity/", "/club/high-street/activity/"),
        ("//evil.example", "/club/high-street/"),
        ("/\\evil.example", "/club/high-street/"),
        ("https:evil.example", "/club/high-street/"),
        ("javascript:alert(1)", "/club/high-street/"),
    ],
)
def test_afterwards_the_way_leads_on_within_the_site(organization, ada, client, wanted, led):
    ask(client, organization, ada.phone, next=wanted)

    assert type_code(client, organization, last_code(), next=wanted).url == led


@pytest.mark.proves("input 64", "input 65")
def test_a_code_without_the_forms_token_signs_nobody_in(organization, ada):
    browser = Client(enforce_csrf_checks=True)

    assert ask(browser, organization, ada.phone).status_code == 403
    assert SignInCode.objects.count() == 0


def test_one_client_asks_for_ten_codes_a_minute_at_most(organization):
    answers = [
        ask(Client(), organization, f"+4474001{number:05}").status_code for number in range(11)
    ]

    assert answers == [302] * 10 + [429]


def test_the_message_is_in_the_members_language_and_names_the_club(organization, join, client):
    join(phone="+447400555555", language="fa")

    ask(client, organization, "+447400555555")

    message = OutgoingMessage.objects.get()
    assert (message.channel, message.to) == ("sms", "+447400555555")
    assert organization.name in message.text


def test_signing_out_ends_the_session(organization, ada):
    client = club_of(ada)

    answer = client.post(at(organization, "sign-out/"))

    assert answer.url == at(organization, "sign-in/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(client, organization)
