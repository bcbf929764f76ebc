"""Points that wait for their purchase to be settled: spent from then on, or canceled."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.models import AuditRecord, OutboxEvent
from loyalty.activity import activities
from loyalty.errors import AlreadySettled, InsufficientPoints, NothingWaits, SettledTooLate
from loyalty.models import Entry, Lot, Purchase
from loyalty.queries import balance_of, entries_held_by, next_pending
from loyalty.services.due import expire_due_points
from loyalty.services.settling import waiting_on
from tests.loyalty.settled import A_YEAR, DEADLINE, EVENT, MARCH, figures, left, settles, spends

DAY = timedelta(days=1)
AN_INSTANT = timedelta(microseconds=1)


@pytest.fixture
def clock():
    """A clock that stands at 10 on 1 March and is moved by the test."""
    with time_machine.travel(MARCH, tick=False) as clock:
        yield clock


@pytest.fixture
def waiting(clock, shop):
    """The shop, where points wait two weeks for their purchase and then last a year."""
    shop.settle(waits_for=EVENT, expiry=A_YEAR)
    return shop


def told(shop, member):
    entries = entries_held_by(member).order_by("sequence").prefetch_related("lots")
    return activities(shop.organization, entries, rewards={})


# --- waiting -------------------------------------------------------------------------------------


@pytest.mark.proves("case 14")
def test_points_that_wait_for_days_begin_their_life_when_those_are_over(clock, shop, member):
    shop.settle(pending_days=14, expiry=A_YEAR)
    shop.buys(member, "40.00")
    waits = figures(shop, member)

    clock.move_to(datetime(2026, 3, 15, tzinfo=UTC))

    # No round has run: that they came is a matter of the clock.
    assert (waits, figures(shop, member)) == ((0, 40, 0), (40, 0, 0))
    assert Lot.objects.get().expires_at == datetime(2027, 3, 16, tzinfo=UTC)
    assert spends(shop, member, 40).status == "issued"
    assert "They can be spent from Mar 15 on." in told(shop, member)[0].notes


def test_points_wait_until_a_day_and_come_without_a_job(clock, shop, member):
    shop.settle(waits_for={"type": "date", "date": "2026-04-01"}, expiry=A_YEAR)
    shop.buys(member, "40.00")
    waits = figures(shop, member)

    clock.move_to(datetime(2026, 3, 31, 23, tzinfo=UTC))

    assert (waits, figures(shop, member)) == ((0, 40, 0), (40, 0, 0))
    assert Lot.objects.get().expires_at == datetime(2027, 4, 1, 23, tzinfo=UTC)


def test_points_that_wait_for_their_purchase_cannot_be_spent(waiting, member):
    waiting.buys(member, "40.00")

    with pytest.raises(InsufficientPoints):
        spends(waiting, member, 40)

    assert figures(waiting, member) == (0, 40, 0)
    assert next_pending(member) is None
    assert next_pending(member, awaits_event=True).points == 40


def test_a_rule_may_give_at_once_what_others_make_wait_for(waiting, member):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 5}}
    waiting.add_rule({**bonus, "pending_days": 0})
    waiting.add_rule({**bonus, "waits_for": {"type": "event", "deadline_days": 3}})

    purchase = waiting.buys(member, "40.00").purchase
    before = figures(waiting, member)
    settled = settles(purchase)

    assert (before, settled.points) == ((5, 45, 0), 45)
    assert figures(waiting, member) == (50, 0, 0)


def test_what_lasts_differently_once_it_is_settled_does_not_become_one_lot(waiting, member):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 5}}
    waiting.add_rule({**bonus, "expires": {"type": "on", "date": "2026-12-31"}})
    waiting.add_rule({**bonus, "expires": A_YEAR})

    settles(waiting.buys(member, "40.00").purchase)

    assert list(Lot.objects.order_by("pk").values_list("points", "expires_at")) == [
        (45, datetime(2027, 3, 2, tzinfo=UTC)),
        (5, datetime(2027, 1, 1, tzinfo=UTC)),
    ]


@pytest.mark.proves("case 13")
@pytest.mark.parametrize("status", ["draft", "paused", "ended"])
def test_a_program_that_is_not_live_opens_no_account_that_waits(waiting, member, status):
    waiting.program.status = status
    waiting.program.save(update_fields=["status"])

    purchase = waiting.buys(member, "40.00").purchase

    with pytest.raises(NothingWaits):
        settles(purchase)
    assert (member.holdings.count(), Purchase.objects.get().settled_at) == (0, None)


# --- settling ------------------------------------------------------------------------------------


def test_settled_points_can_be_spent_and_their_life_begins(waiting, member, clock):
    purchase = waiting.buys(member, "40.00").purchase
    clock.shift(9 * DAY)

    settled = settles(purchase)

    lot = Lot.objects.get()
    assert (settled.points, settled.purchase.settled_at) == (40, MARCH + 9 * DAY)
    assert (lot.available_at, lot.awaits_event, lot.reckoned_by) == (MARCH + 9 * DAY, False, None)
    assert lot.expires_at == datetime(2027, 3, 11, tzinfo=UTC)
    assert waiting.entries(member) == [("earn", 40, 40)]
    assert spends(waiting, member, 40).status == "issued"


def test_settling_is_told_and_noted(waiting, member):
    purchase = waiting.buys(member, "40.00").purchase

    settles(purchase)

    event = OutboxEvent.objects.get(kind="purchase.settled")
    assert event.payload == {
        "purchase": str(purchase.public_id),
        "source": "till",
        "external_id": purchase.external_id,
        "points": 40,
    }
    noted = AuditRecord.objects.get(verb="settled")
    assert (noted.subject, noted.subject_id) == ("loyalty.purchase", purchase.pk)


def test_a_purchase_is_settled_in_every_program_in_which_it_earned(waiting, member):
    other = open_program(waiting)
    purchase = waiting.buys(member, "40.00").purchase

    settled = settles(purchase)

    assert settled.points == 80
    assert [balance_of(one.account).balance for one in member.holdings.all()] == [40, 40]
    assert other.accounts.get().balance == 40


def open_program(shop):
    """Open a second program of the shop, with the rules and the terms of the first."""
    first = shop.program
    shop.program = type(first).objects.create(
        organization=shop.organization,
        slug="gold",
        name="Gold",
        status="live",
        settings=first.settings,
    )
    shop.add_rule(shop.rule.versions.get().spec)
    second, shop.program = shop.program, first
    return second


def test_a_purchase_is_settled_once(waiting, member):
    purchase = waiting.buys(member, "40.00").purchase
    settles(purchase)

    with pytest.raises(AlreadySettled) as refusal:
        settles(purchase)

    assert refusal.value.data == {"settled_at": "2026-03-01T10:00:00Z"}
    assert figures(waiting, member) == (40, 0, 0)
    assert OutboxEvent.objects.filter(kind="purchase.settled").count() == 1


def test_where_nothing_waits_nothing_is_settled(clock, shop, member):
    purchase = shop.buys(member, "40.00").purchase

    with pytest.raises(NothingWaits):
        settles(purchase)

    purchase.refresh_from_db()
    assert (purchase.settled_at, AuditRecord.objects.filter(verb="settled").count()) == (None, 0)


@pytest.mark.parametrize("is_booked", [True, False])
@pytest.mark.proves("case 15")
def test_it_is_too_late_from_the_deadline_on_whether_or_not_a_round_has_run(
    waiting, member, clock, is_booked
):
    purchase = waiting.buys(member, "40.00").purchase
    clock.move_to(DEADLINE)
    if is_booked:
        expire_due_points()
    before = left()

    with pytest.raises(SettledTooLate) as refusal:
        settles(purchase)

    assert refusal.value.data == {"deadline": "2026-03-16T00:00:00Z"}
    assert (left(), figures(waiting, member)) == (before, (0, 0, 0))


def test_at_the_last_instant_it_is_not_too_late(waiting, member, clock):
    purchase = waiting.buys(member, "40.00").purchase
    clock.move_to(DEADLINE - AN_INSTANT)

    assert settles(purchase).points == 40


def test_what_may_still_be_settled_is_when_another_part_has_lapsed(waiting, member, clock):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 5}}
    waiting.add_rule({**bonus, "waits_for": {"type": "event", "deadline_days": 3}})
    purchase = waiting.buys(member, "40.00").purchase
    clock.shift(5 * DAY)

    settled = settles(purchase)

    assert settled.points == 40
    assert waiting.entries(member) == [("earn", 45, 45), ("expire", -5, 40)]


def test_points_whose_life_would_be_over_already_end_as_they_are_settled(waiting, member, clock):
    waiting.settle(expiry={"type": "on", "date": "2026-03-05"})
    purchase = waiting.buys(member, "40.00").purchase
    clock.shift(9 * DAY)

    settles(purchase)

    assert waiting.entries(member) == [("earn", 40, 40), ("expire", -40, 0)]
    assert Entry.objects.latest("pk").cause == "expiry"


# --- without it ----------------------------------------------------------------------------------


@pytest.mark.proves("case 15")
def test_points_that_waited_in_vain_are_canceled_and_never_were_usable(waiting, member, clock):
    waiting.buys(member, "40.00")
    clock.move_to(DEADLINE - AN_INSTANT)
    early = (expire_due_points(), figures(waiting, member))

    clock.move_to(DEADLINE)
    shown = figures(waiting, member)
    booked = expire_due_points()

    assert (early, shown, booked) == ((0, (0, 40, 0)), (0, 0, 0), 1)
    canceled = Entry.objects.latest("pk")
    assert (canceled.kind, canceled.points, canceled.cause) == ("expire", -40, "unsettled")
    assert canceled.reason == "The purchase was never settled."
    assert canceled.occurred_at == DEADLINE


def test_a_member_reads_what_points_wait_for_and_why_they_were_canceled(waiting, member, clock):
    waiting.buys(member, "40.00")
    [waits] = told(waiting, member)
    clock.move_to(DEADLINE)
    expire_due_points()

    earned, canceled = told(waiting, member)

    assert waits.notes == [
        "They can be spent once the purchase is settled, which has to be by Mar 15."
    ]
    assert earned.notes == []
    assert (canceled.title, canceled.points) == ("Canceled", -40)
    assert canceled.notes == [
        "The purchase was not settled by Mar 15, so these points were canceled."
    ]


def test_what_ended_and_what_waited_in_vain_are_told_apart(waiting, member, clock):
    bonus = {"trigger": {"type": "purchase"}, "effect": {"type": "fixed_points", "points": 5}}
    ends = {"type": "on", "date": "2026-03-15"}
    waiting.add_rule({**bonus, "pending_days": 0, "expires": ends})
    waiting.buys(member, "40.00")

    clock.move_to(DEADLINE)
    expire_due_points()

    booked = Entry.objects.filter(kind="expire").order_by("sequence")
    assert list(booked.values_list("cause", "points")) == [("expiry", -5), ("unsettled", -40)]


@pytest.mark.proves("case 15")
def test_a_receipt_that_comes_in_after_its_deadline_gives_nothing_to_wait_for(
    waiting, member, clock
):
    purchase = waiting.buys(member, "40.00", at=MARCH - 20 * DAY).purchase

    with pytest.raises(SettledTooLate):
        settles(purchase)

    assert waiting.entries(member) == [("earn", 40, 40), ("expire", -40, 0)]


def test_a_receipt_says_what_waits_for_it(waiting, member, clock):
    purchase = waiting.buys(member, "40.00").purchase

    before = waiting_on(purchase)
    late = waiting_on(purchase, now=DEADLINE)
    settles(purchase)
    purchase.refresh_from_db()

    assert (before.points, before.at) == (40, DEADLINE)
    assert (late, waiting_on(purchase)) == (None, None)
