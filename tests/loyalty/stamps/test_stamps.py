"""Stamps come with purchases, fill cards, and go back with goods."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Award, Batch
from loyalty.services.purchases import record_many
from tests.stampcards import (
    COOKIE,
    TEN_POINTS,
    card_of,
    grants_of,
    load_card,
    moves_of,
    returns,
    sheets_of,
    spec_of,
    stamps_by,
)


def told(kind):
    return list(OutboxEvent.objects.filter(kind=kind).order_by("pk").values_list("payload"))


def test_each_visit_puts_a_stamp_onto_the_card(shop, member):
    card_of(shop)
    stamps_by(shop)

    first = shop.buys(member, "3.00")
    second = shop.buys(member, "3.00")

    assert sheets_of(shop, member) == [(2, "open")]
    assert moves_of(shop, member) == [("purchase", 1, 1), ("purchase", 1, 2)]
    [moved] = second.earned[0].followed.stamps
    assert (moved.card, moved.name, moved.given, moved.stamps, moved.of, moved.completed) == (
        "coffee",
        "Coffee card",
        1,
        2,
        3,
        0,
    )
    assert [award.unit for award in first.earned[0].awards] == ["points", "stamps"]


def test_a_full_card_gives_its_gift_once_and_the_rest_begins_the_next(shop, member):
    card_of(shop, 3)
    stamps_by(shop, "unit")

    bought = shop.records(shop.draft(member, "1.00", "1.00", "1.00", "1.00"))

    assert sheets_of(shop, member) == [(3, "full"), (1, "open")]
    assert grants_of(shop, member) == [("stamp_sheet", "coffee", "given")]
    [moved] = bought.earned[0].followed.stamps
    assert (moved.given, moved.stamps, moved.completed) == (4, 1, 1)
    assert [grant.target for grant in bought.earned[0].followed.grants] == ["coffee"]


def test_stamps_and_full_cards_are_told_outside(shop, member):
    card_of(shop, 2)
    stamps_by(shop, stamps=3)

    shop.buys(member, "1.00")

    account = str(shop.account(member).public_id)
    assert told("stamps.given") == [
        ({"account": account, "card": "coffee", "stamps": 3, "cause": "purchase"},)
    ]
    assert told("stamp_card.completed") == [
        ({"account": account, "card": "coffee", "sheets": [1]},)
    ]


@pytest.mark.proves("case 6")
def test_money_that_is_too_little_for_a_stamp_counts_with_the_next_purchase(shop, member):
    card_of(shop)
    stamps_by(shop, "amount", amount="50", carry=True)

    shop.buys(member, "30.00")
    before = Award.objects.filter(unit="stamps").count()
    shop.buys(member, "20.00")

    assert before == 0
    assert moves_of(shop, member) == [("purchase", 1, 1)]


@pytest.mark.proves("case 17")
def test_gifts_on_the_way_are_given_once_and_the_card_goes_on(shop, member):
    card_of(shop, 4, milestones=[{"at": 2, "gifts": [COOKIE, TEN_POINTS]}])
    stamps_by(shop)

    for _visit in range(4):
        shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(4, "full")]
    assert grants_of(shop, member) == [
        ("stamp_milestone", "cookie", "given"),
        ("stamp_sheet", "coffee", "given"),
    ]
    assert shop.balance(member) == 14


def test_more_than_the_card_takes_in_a_day_is_desired_and_not_given(shop, member):
    card_of(shop, 8, per_day=2)
    stamps_by(shop, stamps=1)
    stamps_by(shop, "unit")

    shop.records(shop.draft(member, "1.00", "1.00"))
    shop.buys(member, "1.00")

    assert moves_of(shop, member) == [("purchase", 2, 2)]
    awards = Award.objects.filter(unit="stamps").order_by("pk")
    assert list(awards.values_list("desired", "awarded")) == [(1, 1), (2, 1), (1, 0), (1, 0)]
    assert awards.last().why[-1] == {
        "code": "capped",
        "params": {"limit": "card", "points": 0, "desired": 1, "unit": "stamps"},
    }


def test_what_came_back_leaves_room_on_the_same_day(shop, member):
    card_of(shop, 8, per_day=1)
    stamps_by(shop)
    shop.buys(member, "1.00", number="A")

    returns(shop, "A")
    shop.buys(member, "1.00")

    assert moves_of(shop, member) == [("purchase", 1, 1), ("return", -1, 0), ("purchase", 1, 1)]


def test_a_sheet_keeps_what_it_was_begun_with_and_the_next_is_as_the_card_says_now(shop, member):
    card_of(shop, 3)
    stamps_by(shop)
    shop.buys(member, "1.00")

    load_card(shop, "coffee", [{"spec": spec_of(5)}])
    for _visit in range(3):
        shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(3, "full"), (1, "open")]
    numbers = shop.account(member).stamp_sheets.order_by("number")
    assert list(numbers.values_list("version__number", flat=True)) == [1, 2]


def test_several_cards_are_filled_at_once(shop, member):
    card_of(shop, 3)
    card_of(shop, 4, code="cake", gifts=[COOKIE])
    stamps_by(shop)
    stamps_by(shop, card="cake", stamps=2)

    bought = shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(1, "open"), (2, "open")]
    assert [one.card for one in bought.earned[0].followed.stamps] == ["coffee", "cake"]


def test_a_card_that_rests_takes_no_stamps_and_says_so(shop, member):
    card_of(shop)
    stamps_by(shop)
    shop.buys(member, "1.00")

    load_card(shop, "coffee", [{"spec": spec_of(3)}], status="paused")
    bought = shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(1, "open")]
    [left_out] = bought.earned[0].outcome.not_applied
    assert [reason.code for reason in left_out.why] == ["not_open"]


def test_stamps_lapse_by_time_whatever_night_has_run(shop, member):
    card_of(shop, 3, months=1)
    stamps_by(shop)
    long_ago = timezone.now() - timedelta(days=70)

    shop.buys(member, "1.00", at=long_ago)
    shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(1, "lapsed"), (1, "open")]


@pytest.mark.proves("case 39")
def test_a_return_takes_its_stamps_off_the_open_card(shop, member):
    card_of(shop)
    stamps_by(shop)
    shop.buys(member, "1.00")
    shop.buys(member, "1.00", number="A")

    returns(shop, "A")

    assert sheets_of(shop, member) == [(1, "open")]
    assert moves_of(shop, member)[-1] == ("return", -1, 1)
    assert Award.objects.filter(unit="stamps", reversed=1).count() == 1


@pytest.mark.proves("case 39")
def test_a_return_opens_a_full_card_again_and_withdraws_a_gift_that_nobody_used(shop, member):
    card_of(shop, 2)
    stamps_by(shop)
    shop.buys(member, "1.00")
    shop.buys(member, "1.00", number="A")

    returns(shop, "A")
    opened = sheets_of(shop, member), grants_of(shop, member)
    shop.buys(member, "1.00")

    assert opened == ([(1, "open")], [("stamp_sheet", "coffee", "withdrawn")])
    assert sheets_of(shop, member) == [(2, "full")]
    assert grants_of(shop, member)[1:] == [("stamp_sheet", "coffee", "given")]


@pytest.mark.proves("case 39")
def test_points_that_a_full_card_gave_are_taken_back_as_the_program_says(shop, member):
    card_of(shop, 2, gifts=[TEN_POINTS])
    stamps_by(shop)
    shop.buys(member, "1.00")
    shop.buys(member, "1.00", number="A")

    before = shop.balance(member)
    returns(shop, "A")

    assert (before, shop.balance(member)) == (12, 1)


@pytest.mark.proves("R3")
def test_parts_that_come_back_take_their_own_stamps_and_the_last_takes_the_rest(shop, member):
    card_of(shop, 8)
    stamps_by(shop, "unit")
    shop.records(shop.draft(member, "1.00", "1.00", "1.00", number="A"))

    for line in (1, 2, 3):
        returns(shop, "A", line)

    assert [stamps for _cause, stamps, _balance in moves_of(shop, member)] == [3, -1, -1, -1]
    assert sheets_of(shop, member) == [(0, "open")]


def test_what_had_lapsed_is_not_taken_once_more(shop, member):
    card_of(shop, 4, months=1)
    stamps_by(shop)
    long_ago = timezone.now() - timedelta(days=29)
    shop.buys(member, "1.00", at=long_ago - timedelta(days=60), number="A")
    shop.buys(member, "1.00")

    returns(shop, "A")

    assert sheets_of(shop, member) == [(1, "lapsed"), (1, "open")]
    [award] = Award.objects.filter(unit="stamps", purchase__external_id="A")
    assert list(award.reversals.values_list("points", "expired")) == [(1, 1)]


def history(shop, member, count):
    """Bring in past receipts, the newest of now, and return how many statements that took."""
    now = timezone.now()
    drafts = [
        shop.draft(member, "1.00", at=now - timedelta(hours=count - at)) for at in range(count)
    ]
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    with CaptureQueriesContext(connection) as asked:
        record_many(organization_id=shop.organization.pk, drafts=drafts, actor=SYSTEM, batch=batch)
    tell([event("import.finished", batch, organization_id=shop.organization.pk, payload={})])
    return len(asked)


def test_history_fills_cards_and_is_told_to_nobody(shop, member):
    card_of(shop, 3)
    stamps_by(shop)

    history(shop, member, 7)

    assert sheets_of(shop, member) == [(3, "full"), (3, "full"), (1, "open")]
    assert (told("stamps.given"), told("stamp_card.completed")) == ([], [])
    assert len(grants_of(shop, member)) == 2


def test_many_receipts_are_stamped_in_as_many_statements_as_a_few(shop, member):
    card_of(shop, 3)
    stamps_by(shop)
    shop.buys(member, "1.00")

    few, many = history(shop, member, 3), history(shop, member, 12)

    assert few == many


def test_without_cards_nothing_asks_for_stamps_or_sheets(shop, member):
    shop.buys(member, "1.00", number="A")
    draft = shop.draft(member, "1.00")

    with CaptureQueriesContext(connection) as asked:
        shop.records(draft)
        returns(shop, "A")

    tables = ("loyalty_stampmove", "loyalty_stampsheet")
    assert [one for one in asked if any(table in one["sql"] for table in tables)] == []


@pytest.mark.parametrize(("stamps", "statements"), [(1, 17), (3, 24)])
def test_a_stamp_takes_so_many_statements_and_a_full_card_so_many(
    shop, member, stamps, statements, django_assert_num_queries
):
    card_of(shop, 4)
    stamps_by(shop, stamps=stamps)
    shop.buys(member, "1.00")
    draft = shop.draft(member, "1.00")

    with django_assert_num_queries(statements):
        shop.records(draft)
