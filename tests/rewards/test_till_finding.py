from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from members.models import Member
from rewards.models import LookUp
from rewards.services.look_ups import IN_VAIN_MAX
from tests.tills import shown, text_of


@pytest.mark.parametrize(
    "typed", ["07400 123456", "+44 (0)7400-123456", "۰۷۴۰۰۱۲۳۴۵۶", "3456", "mina@example.com"]
)
def test_one_match_opens_the_member_who_is_shown_masked(shop, till, typed):
    shop.buys(shop.member(name="Mina Kaplan", email="mina@example.com"), "12.40")

    page = till.find(typed)

    member = page.context["member"]
    assert (member.name, member.phone, member.balance) == ("Mina K.", "+44740•••3456", 12)
    assert "Kaplan" not in page.content.decode()
    assert "7400123456" not in page.content.decode()
    assert "mina@example.com" not in text_of(page)


def test_the_card_finds_its_member(shop, member, till):
    card = member.cards.get().number

    page = till.find(card)

    assert page.context["member"].card == f"•••• {card[-4:]}"


def test_several_matches_are_chosen_from_by_masked_name_and_number(shop, member, till):
    shop.member("+447911123456", name="Zoë Baker")

    page = till.find("3456")

    names = [(choice["name"], choice["phone"]) for choice in page.context["choices"]]
    assert sorted(names) == [("Mina K.", "+44740•••3456"), ("Zoë B.", "+44791•••3456")]
    assert page.context["query"] == "3456"
    chosen = till.client.get(page.context["choices"][0]["url"])
    assert chosen.context["member"].name in {"Mina K.", "Zoë B."}


def test_only_the_last_three_visits_are_shown_and_what_was_undone_is_none(shop, member, till):
    for days, amount in ((4, "4.00"), (3, "3.00"), (2, "2.00"), (1, "1.00")):
        shop.buys(member, amount, at=timezone.now() - timedelta(days=days))
    undone = shown(till, till.rings_up(member, amount="9.00"))
    till.client.post(undone.context["undo"]["url"], {"request_key": uuid4().hex})

    page = till.find("07400123456")

    visits = [(f"{visit.amount:.2f}", visit.points) for visit in page.context["member"].visits]
    assert visits == [("1.00", 1), ("2.00", 2), ("3.00", 3)]


@pytest.mark.parametrize(
    ("why", "typed", "said"),
    [
        ("too short", "12", "at least the last four digits"),
        ("a name", "Mina", "at least the last four digits"),
        ("an address that is none", "mina@", "e-mail"),
        ("digits nobody has", "9999", "Nobody was found"),
        ("half a number", "07400 12", "Nobody was found"),
        ("far too long", "1" * 5000, "Nobody was found"),
        ("controls", "\x07\x07\x07\x07", "cannot be used"),
    ],
)
def test_what_finds_nobody_is_told_in_a_sentence(till, why, typed, said):
    page = till.find(typed)

    assert (page.status_code, page.context["query"]) == (200, typed.strip())
    assert said in page.context["refusal"]


def test_who_looks_up_too_many_in_vain_has_to_wait(till):
    row = {"staff": till.staff, "register": till.register, "matched": 0, "at": timezone.now()}
    LookUp.objects.bulk_create(LookUp(**row) for _ in range(IN_VAIN_MAX))

    page = till.find("07400 123456")

    assert (page.status_code, int(page["Retry-After"]) > 3500) == (429, True)
    assert "Too many look-ups" in text_of(page)


# --- adding --------------------------------------------------------------------------------------


def adding(till, phone="07400 123456", **typed):
    form = till.find(phone).context["enroll"]["form"]
    return {
        **{name: form[name].value() or "" for name in ("phone", "request_key", "name")},
        **typed,
    }


def test_an_unknown_phone_number_is_added_in_one_step(shop, till):
    page = till.find("۰۷۴۰۰ ۱۲۳۴۵۶")
    answer = till.client.post("/till/members/", adding(till, name=" Sara  Moradi "), follow=True)

    assert page.context["enroll"]["phone"] == "+44 7400 123456"
    member = Member.objects.get()
    assert (member.phone, member.name, member.joined_source) == (
        "+447400123456",
        "Sara Moradi",
        "till",
    )
    assert member.home_store == shop.store
    assert (answer.context["member"].name, answer.context["member"].balance) == ("Sara M.", 0)
    assert "The new member was added." in text_of(answer)


@pytest.mark.proves("I8")
def test_adding_twice_makes_one_member(till):
    sent = adding(till)

    answers = [till.client.post("/till/members/", sent).url for _ in range(2)]
    known = till.client.post("/till/members/", sent | {"request_key": uuid4().hex}, follow=True)

    assert len(set(answers)) == 1
    assert Member.objects.count() == 1
    assert "belonged to a member already" in text_of(known)


@pytest.mark.parametrize(
    ("why", "changed", "said"),
    [
        ("an invisible name", {"name": "\u200b"}, "name"),
        ("a tampered phone", {"phone": "12"}, "phone"),
        ("a key already used for somebody else", {"name": "Zoë"}, "already"),
        ("a key that is none", {"request_key": "short"}, "Idempotency-Key"),
    ],
)
def test_what_cannot_be_added_is_told_and_adds_nobody(till, why, changed, said):
    sent = adding(till)
    if "already" in said:
        till.client.post("/till/members/", sent)
    before = Member.objects.count()

    page = till.client.post("/till/members/", sent | changed)

    assert (page.status_code, Member.objects.count()) == (200, before)
    assert page.context["enroll"]["form"].errors
