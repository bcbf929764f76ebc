"""Stamp cards on screen and by the API: for members, at the till, and in the office."""

import pytest

from core.models import AuditRecord
from core.models.people import Role
from loyalty.models import Rule, StampCard
from rewards.models import Voucher
from tests.callers import Caller
from tests.clubs import at, club_of
from tests.offices import keyed, office_of
from tests.stampcards import (
    COFFEE,
    COOKIE,
    card_of,
    load_card,
    offer_coffee,
    sheets_of,
    spec_of,
    stamps_by,
)
from tests.tills import open_till, text_of
from tests.vouchers import use

DRINKS = {"per_day": "2", "months": "6", "reward": ["coffee"], "size": "8", "seen": "0"}


@pytest.fixture
def begun(shop, member):
    """A card of three of which the member has two, and a voucher from a card before."""
    card_of(shop, 3, months=6)
    stamps_by(shop, "unit")
    shop.records(shop.draft(member, *["1.00"] * 5))


@pytest.fixture
def office(shop):
    return office_of(shop.organization)


def page_of(shop, name=""):
    return f"/office/{shop.organization.slug}/program/stamps/{name}"


def made(shop):
    return StampCard.objects.get(program=shop.program)


# --- members ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
def test_the_portal_shows_the_card_and_what_is_missing(shop, member):
    text = text_of(club_of(member).get(at(shop.organization)))

    assert "Coffee card" in text
    assert "2 of 3" in text
    assert "1 more stamp for Coffee" in text


@pytest.mark.usefixtures("begun")
def test_full_cards_are_remembered_on_a_page_of_their_own(shop, member):
    text = text_of(club_of(member).get(at(shop.organization, "stamps/")))

    assert "1 more stamp for Coffee" in text
    assert "3 of 3 · Coffee" in text


def test_who_has_no_card_is_told_so(shop, member):
    answer = club_of(member).get(at(shop.organization, "stamps/"))

    assert answer.status_code == 200
    assert "No stamp cards just now" in text_of(answer)


@pytest.mark.parametrize("cards", [1, 3])
def test_the_page_asks_the_same_for_one_card_and_for_three(
    shop, member, cards, django_assert_num_queries
):
    for number in range(cards):
        card_of(shop, 2, code=f"card-{number}")
        stamps_by(shop, card=f"card-{number}", stamps=3)
    shop.buys(member, "1.00")
    club = club_of(member)
    club.get(at(shop.organization, "stamps/"))

    with django_assert_num_queries(7):
        club.get(at(shop.organization, "stamps/"))


# --- the till -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
def test_the_till_shows_the_card_and_the_sentence_to_be_said(shop, member):
    till = open_till(shop)

    text = text_of(till.client.get("/till/", {"member": member.public_id}))

    assert "1 more stamp for Coffee" in text


# --- shop systems -------------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
def test_shop_systems_read_the_cards_of_a_member(shop, member):
    caller = Caller(shop.api_key("rewards:read"))

    answer = caller.get(f"members/{member.public_id}/stamps/").json()

    [card] = answer["results"]
    assert card.pop("expires_at") is not None
    assert card == {
        "card": "coffee",
        "program": "club",
        "name": "Coffee card",
        "stamps": 2,
        "size": 3,
        "gives": [{"at": 3, "text": "Coffee"}],
        "takes_stamps": True,
        "text": "2 of 3, 1 more stamp for Coffee",
    }


@pytest.mark.usefixtures("begun")
def test_a_quote_and_a_purchase_say_how_full_the_card_is(shop, member):
    caller = Caller(shop.api_key("purchases:write"))
    lines = [{"sku": "latte", "quantity": "2", "amount": "6.00"}]
    basket = {"member": str(member.public_id), "store": shop.store.code, "lines": lines}

    quote = caller.post("quotes/", basket).json()
    sold = caller.post("purchases/", basket | {"external_id": "A"}).json()

    told = [
        {name: one["stamps"][0][name] for name in ("stamps", "on_card", "of", "completed", "text")}
        for one in (quote, sold)
    ]
    assert (
        told
        == [
            {
                "stamps": 2,
                "on_card": 1,
                "of": 3,
                "completed": 1,
                "text": "2 more stamps for Coffee",
            }
        ]
        * 2
    )
    assert "Coffee card: full! The next one has 1 of 3 stamps." in sold["receipt_text"]


def test_the_program_tells_of_its_cards(shop):
    card_of(shop, 8, milestones=[{"at": 4, "gifts": [COOKIE]}], per_day=1)

    answer = Caller(shop.api_key("program:read")).get("program/").json()

    [card] = answer["stamp_cards"]
    assert (card["code"], card["name"], card["spec"]["size"]) == ("coffee", "Coffee card", 8)
    assert card["terms"] == [
        "with 4 stamps already: cookie",
        "at most 1 stamp a day",
        "stamps never lapse",
    ]


# --- the office ---------------------------------------------------------------------------------


def test_a_card_is_written_with_its_rule_and_switched_on(shop, office, member):
    offer_coffee(shop)
    typed = DRINKS | {"name": "Coffee card", "per": "unit", "categories": "Coffee", "step": "save"}

    saved = office.post(page_of(shop, "new/"), keyed(**typed))
    card = made(shop)
    office.post(page_of(shop, f"{card.public_id}/active/"), keyed())

    assert saved.status_code == 302
    card.refresh_from_db()
    assert (card.status, card.versions.last().spec["size"]) == ("active", 8)
    rule = Rule.objects.exclude(pk=shop.rule.pk).get()
    assert (rule.status, rule.versions.last().spec["effect"]["per"]) == ("active", "unit")


def test_a_form_that_is_sent_twice_makes_one_card(shop, office):
    offer_coffee(shop)
    sent = keyed(**DRINKS, name="Coffee card", per="purchase", step="save")

    for _click in range(2):
        office.post(page_of(shop, "new/"), sent)

    assert StampCard.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"size": "1"}, "Ensure this value is greater than or equal to 2."),
        ({"reward": []}, "Give at least 1."),
        ({"per": "amount"}, "This is needed."),
        ({"at_0": "9", "points_0": "5"}, "A gift on the way comes before the card is full."),
        ({"at_0": "3"}, "Give at least 1."),
        ({"reward": ["no-such"]}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(shop, office, typed, sentence):
    offer_coffee(shop)
    sent = DRINKS | {"name": "Coffee card", "per": "purchase", "step": "save"} | typed

    answer = office.post(page_of(shop, "new/"), keyed(**sent))

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert StampCard.objects.count() == 0


def test_the_preview_shows_the_card_as_it_is_typed_also_without_scripts(shop, office):
    offer_coffee(shop)
    typed = keyed(**DRINKS, name="Coffee card", per="purchase")

    part = office.post(page_of(shop, "preview/"), typed)
    whole = office.post(page_of(shop, "new/"), typed | {"step": "look"})

    for answer in (part, whole):
        assert "4 of 8" in text_of(answer)
        assert "4 more stamps for Coffee" in text_of(answer)
    assert StampCard.objects.count() == 0


@pytest.mark.usefixtures("begun")
def test_the_page_of_a_card_says_what_pausing_and_ending_do_to_members(shop, office):
    text = text_of(office.get(page_of(shop, f"{made(shop).public_id}/")))

    assert "The card that one member is filling stays as it is" in text
    assert "The stamps of one member whose card is not full are worth nothing then." in text
    assert "3 stamps: Coffee" in text


@pytest.mark.usefixtures("begun")
def test_a_card_is_changed_for_sheets_to_come(shop, office, member):
    card = made(shop)
    sent = keyed(**DRINKS | {"seen": "1", "size": "5"}, name="Coffee card", step="save")

    shown = text_of(office.get(page_of(shop, f"{card.public_id}/edit/")))
    office.post(page_of(shop, f"{card.public_id}/edit/"), sent)

    assert "Cards that members have begun stay as they were." in shown
    assert card.versions.order_by("number").last().spec["size"] == 5
    assert sheets_of(shop, member) == [(3, "full"), (2, "open")]


def test_what_the_form_cannot_show_is_left_to_a_program_file(shop, office):
    card_of(shop, 5, milestones=[{"at": 2, "gifts": [COOKIE, COFFEE]}])

    answer = office.get(page_of(shop, f"{made(shop).public_id}/edit/"), follow=True)

    assert "a program file can change it" in text_of(answer)


def test_what_promises_an_unknown_reward_is_not_switched_on(shop, office):
    load_card(shop, "coffee", [{"effective_from": "9999-01-01T00:00:00Z", "spec": spec_of(3)}])
    card = made(shop)

    answer = office.post(page_of(shop, f"{card.public_id}/active/"), keyed(), follow=True)

    card.refresh_from_db()
    assert card.status == "draft"
    assert answer.status_code == 200


@pytest.mark.parametrize("cards", [1, 3])
def test_the_list_asks_the_same_for_one_card_and_for_three(
    shop, office, cards, django_assert_num_queries
):
    for number in range(cards):
        card_of(shop, 5, code=f"card-{number}")
    office.get(page_of(shop))

    with django_assert_num_queries(7):
        answer = office.get(page_of(shop))

    assert text_of(answer).count("5 stamps: Coffee") == cards


def test_analysts_read_and_change_nothing(shop):
    card_of(shop)
    analyst = office_of(shop.organization, Role.ANALYST)

    read = analyst.get(page_of(shop, f"{made(shop).public_id}/"))
    written = analyst.post(page_of(shop, f"{made(shop).public_id}/ended/"), keyed())

    assert (read.status_code, written.status_code) == (200, 403)
    assert made(shop).status == "active"


@pytest.mark.usefixtures("begun")
def test_the_office_gives_and_takes_stamps_with_a_reason(shop, office, member):
    address = f"/office/{shop.organization.slug}/members/{member.public_id}/stamps/"
    card = made(shop)

    office.post(address, keyed(card=card.public_id, stamps="1", reason="Forgot to scan"))
    filled = sheets_of(shop, member)
    office.post(address, keyed(card=card.public_id, stamps="2", reason="A kind gesture"))
    office.post(address, keyed(card=card.public_id, stamps="-1", reason="Too many"))

    assert filled == [(3, "full"), (3, "full")]
    assert sheets_of(shop, member) == [(3, "full"), (3, "full"), (1, "open")]
    assert Voucher.objects.count() == 2
    records = AuditRecord.objects.filter(subject="loyalty.account").order_by("pk")
    assert list(records.values_list("verb", "reason")) == [
        ("gave_stamps", "Forgot to scan"),
        ("gave_stamps", "A kind gesture"),
        ("took_stamps", "Too many"),
    ]


@pytest.mark.parametrize(
    ("stamps", "sentence"),
    [
        ("4", "No more stamps can be given to this member by hand today."),
        ("-3", "There are not so many stamps on the card."),
    ],
)
@pytest.mark.usefixtures("begun")
def test_too_much_by_hand_is_refused(shop, office, member, stamps, sentence):
    address = f"/office/{shop.organization.slug}/members/{member.public_id}/stamps/"

    answer = office.post(address, keyed(card=made(shop).public_id, stamps=stamps, reason="No"))

    assert sentence in text_of(answer)
    assert sheets_of(shop, member) == [(3, "full"), (2, "open")]


def test_a_redeemed_coffee_stands_in_the_figures(shop, office, member):
    card_of(shop, 2)
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00")
    use(Voucher.objects.get(), store=shop.store)

    answer = office.get(page_of(shop, f"{made(shop).public_id}/"))

    assert answer.context["used"] == 1
    assert answer.context["figures"].full == 1
    assert shop.balance(member) == 1
