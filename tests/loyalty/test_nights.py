"""The night of each organization: once for every local day, in its order, whatever happens."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection

from core.actors import SYSTEM
from core.metrics import BROKEN_PROMISES, NIGHT_WORK_SKIPPED
from core.models import Night, OutboxEvent
from core.nightly import STAGES, Work, works
from core.services.nights import at_rest, run_nights
from loyalty import nightly
from loyalty.models import Activation, Entry
from loyalty.services.due import expire_between_nights
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import open_shop

# Midnights in London, where summer time counts.
MONDAY = datetime(2026, 5, 10, 23, tzinfo=UTC)
TUESDAY = datetime(2026, 5, 11, 23, tzinfo=UTC)
AN_INSTANT = timedelta(microseconds=1)
WAITING_AND_LAPSING = {"pending_days": 3, "expiry": {"type": "after", "days": 4}}


def at(moment):
    return time_machine.travel(moment, tick=False)


def hours(begin, end):
    """Yield every hour from one instant until just before another."""
    while begin < end:
        yield begin
        begin += timedelta(hours=1)


def told(shop, *kinds):
    """Return kind and points of what was told of, in its order."""
    events = OutboxEvent.objects.filter(organization=shop.organization, kind__in=kinds)
    return list(events.order_by("pk").values_list("kind", "payload__points"))


def days():
    return list(Night.objects.order_by("day").values_list("day", flat=True))


@pytest.mark.proves("case 23")
def test_the_stages_of_a_night_have_one_order():
    assert STAGES == ("activate", "rewards", "tiers", "expire", "audit")
    assert [work.name for work in works()] == [
        "loyalty.activate",
        "loyalty.birthdays",
        "loyalty.join_anniversaries",
        "loyalty.tiers",
        "loyalty.stamps",
        "loyalty.expire",
        "loyalty.habits",
        "loyalty.scores",
        "loyalty.audit",
    ]


@pytest.mark.proves("case 23")
def test_whatever_apps_add_is_done_in_the_order_of_the_stages(shop, monkeypatch):
    done = []

    def noted(stage):
        def chunk(_tonight, _position):
            done.append(stage)

        return Work(name=f"test.{stage}", stage=stage, chunk=chunk)

    added = tuple(noted(stage) for stage in reversed(STAGES))
    monkeypatch.setattr(nightly, "NIGHTLY", added)

    run_nights(now=MONDAY)

    assert done == list(STAGES)


@pytest.mark.proves("case 23")
def test_points_come_free_before_others_end(shop, member):
    shop.settle(**WAITING_AND_LAPSING)
    with at(MONDAY - timedelta(days=7, hours=1)):
        shop.buys(member, "40.00")
    with at(MONDAY - timedelta(days=2, hours=2)):
        shop.buys(member, "7.00")

    run_nights(now=MONDAY)

    # The first points came free three days ago, and of those the first night tells no more.
    assert told(shop, "points.available", "points.expired") == [
        ("points.available", 7),
        ("points.expired", 40),
    ]


@pytest.mark.proves("case 23", "case 20")
def test_between_nights_only_what_a_night_left_is_booked(shop, member):
    shop.settle(expiry={"type": "after", "days": 7})
    reward = shop.reward(30)
    with at(MONDAY - timedelta(days=7, hours=1)):
        shop.buys(member, "40.00")
    with at(MONDAY - timedelta(minutes=1)):
        held = redeem(
            reward_id=reward.pk,
            member_id=member.pk,
            actor=SYSTEM,
            request_key="hold",
            hold_seconds=3600,
        )

    with at(MONDAY + timedelta(minutes=1)):
        balance = shop.balance(member)
        too_early = expire_between_nights()
        run_nights()
        by_night = shop.entries(member)[-1]
        cancel_redemption(redemption_id=held.pk, reason="", actor=SYSTEM, request_key="let go")
        later = expire_between_nights()

    assert (balance, too_early, by_night, later) == (0, 0, ("expire", -10, 30), 1)
    assert shop.entries(member)[-1] == ("expire", -30, 0)


def test_a_night_begins_with_the_first_instant_of_its_day_and_happens_once(shop):
    early = run_nights(now=MONDAY - AN_INSTANT)
    chunks = [run_nights(now=MONDAY), run_nights(now=MONDAY + timedelta(hours=20))]

    assert early == len(works())  # the night of Sunday, which nobody had run
    assert chunks == [len(works()), 0]
    assert days() == [date(2026, 5, 10), date(2026, 5, 11)]
    last = Night.objects.get(day=date(2026, 5, 11))
    assert (last.since, last.due) == (MONDAY - timedelta(days=1), MONDAY)
    assert at_rest(now=MONDAY) == [shop.organization.pk]
    assert at_rest(now=TUESDAY) == []


@pytest.mark.proves("T2")
@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00Z"),
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00:00Z"),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00:00Z"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00Z"),
        ("Atlantic/Azores", date(2026, 10, 25), "2026-10-25T00:00:00Z"),
    ],
)
def test_where_midnight_is_skipped_or_comes_twice_there_is_one_night(db, zone, day, begins):
    begin = datetime.fromisoformat(begins)
    open_shop("far", time_zone=zone)

    for hour in hours(begin - timedelta(hours=20), begin + timedelta(hours=22)):
        run_nights(now=hour - AN_INSTANT)
        run_nights(now=hour)

    assert list(Night.objects.order_by("day").values_list("day", "due"))[-1] == (day, begin)
    assert Night.objects.count() == 2


@pytest.mark.proves("T2")
def test_a_day_that_never_begins_has_no_night(db):
    open_shop("apia", time_zone="Pacific/Apia")  # which went over the date line
    begin = datetime(2011, 12, 29, 12, tzinfo=UTC)

    for hour in hours(begin, begin + timedelta(days=3)):
        run_nights(now=hour)

    assert days() == [
        date(2011, 12, 29),
        date(2011, 12, 31),
        date(2012, 1, 1),
        date(2012, 1, 2),
    ]
    assert not Night.objects.filter(finished_at=None).exists()


@pytest.mark.proves("T4")
def test_a_shop_that_moves_over_the_date_line_lives_no_day_twice(db):
    shop = open_shop("far", time_zone="Pacific/Kiritimati")
    run_nights(now=MONDAY)
    shop.organization.time_zone = "Pacific/Pago_Pago"
    shop.organization.save(update_fields=["time_zone"])

    for hour in hours(MONDAY, MONDAY + timedelta(days=2)):
        run_nights(now=hour)

    lived = list(Night.objects.order_by("day").values_list("day", "since", "due"))
    assert [day for day, _since, _due in lived] == [date(2026, 5, 11), date(2026, 5, 12)]
    assert lived[1][1] == lived[0][2]


@pytest.mark.proves("T9")
def test_after_an_outage_one_night_does_what_all_should_have_done(shop, member):
    shop.settle(pending_days=3, expiry={"type": "after", "days": 20})
    run_nights(now=MONDAY)
    for day in range(30):
        with at(MONDAY + timedelta(days=day, hours=12)):
            shop.buys(member, f"{day + 1}.00")

    run_nights(now=MONDAY + timedelta(days=40))
    run_nights(now=MONDAY + timedelta(days=40, hours=1))

    # Earned on day n, free on n + 3, gone with n + 24: 16 of 30 days are gone, 17 to 30 are there.
    assert days() == [date(2026, 5, 11), date(2026, 6, 20)]
    assert told(shop, "points.available", "points.expired") == [
        ("points.available", sum(range(18, 31))),
        ("points.expired", sum(range(1, 18))),
    ]
    ends = Entry.objects.filter(kind="expire").order_by("sequence")
    first = MONDAY + timedelta(days=24)
    assert list(ends.values_list("occurred_at", "points")) == [
        (first + timedelta(days=day), -day - 1) for day in range(17)
    ]


def test_members_are_told_once_a_day_what_came_free_in_all(shop, member):
    shop.settle(pending_days=3)
    other = shop.member("+447400999999")
    for hour in (1, 2, 3):
        with at(MONDAY - timedelta(days=3) + timedelta(hours=hour)):
            shop.buys(member, "10.00")
    with at(MONDAY + timedelta(hours=1)):
        shop.buys(other, "5.00")
    shop.settle(pending_days=0)
    with at(MONDAY + timedelta(hours=2)):
        shop.buys(other, "6.00")  # was never waited for

    run_nights(now=MONDAY)
    run_nights(now=TUESDAY)

    account = shop.account(member)
    [activation] = Activation.objects.values_list("account_id", "day", "points")
    assert activation == (account.pk, date(2026, 5, 11), 30)
    event = OutboxEvent.objects.get(kind="points.available")
    assert event.payload == {
        "account": str(account.public_id),
        "day": "2026-05-11",
        "points": 30,
    }


def test_what_came_free_and_ended_meanwhile_is_not_announced(shop, member):
    shop.settle(pending_days=1, expiry={"type": "after", "days": 1})
    run_nights(now=MONDAY)
    with at(MONDAY + timedelta(hours=1)):
        shop.buys(member, "10.00")

    run_nights(now=MONDAY + timedelta(days=9))

    assert told(shop, "points.available", "points.expired") == [("points.expired", 10)]


@pytest.mark.proves("F4")
def test_a_night_goes_on_where_it_was_interrupted(shop, monkeypatch):
    reached = []

    def chunk(_tonight, position):
        if len(reached) == 2:
            reached.append("broken off")
            raise OperationalError("the server went away")
        reached.append(position)
        return position + 10 if position < 30 else None

    monkeypatch.setattr(nightly, "NIGHTLY", [Work(name="test.x", stage="tiers", chunk=chunk)])
    with pytest.raises(OperationalError):
        run_nights(now=MONDAY)
    stopped = Night.objects.values_list("work", "position", "finished_at").get()
    slices = [run_nights(now=MONDAY, slice_seconds=0) for _round in range(3)]

    assert stopped == ("test.x", 20, None)
    assert slices == [1, 1, 0]
    assert reached == [0, 10, "broken off", 20, 30]


def test_a_night_that_was_not_over_is_ended_before_the_next(shop, monkeypatch):
    seen = []

    def chunk(tonight, position):
        seen.append((tonight.day, position))
        return position + 1 if position < 2 else None

    monkeypatch.setattr(nightly, "NIGHTLY", [Work(name="test.x", stage="tiers", chunk=chunk)])
    run_nights(now=MONDAY, slice_seconds=0)
    for _round in range(4):
        run_nights(now=TUESDAY)

    monday, tuesday = date(2026, 5, 11), date(2026, 5, 12)
    assert seen == [(monday, 0), (monday, 1), (monday, 2), *((tuesday, n) for n in range(3))]


def test_work_that_breaks_is_reported_and_the_rest_is_done(shop, monkeypatch):
    done = []

    def broken(_tonight, _position):
        Night.objects.update(skipped=["nothing of this stays"])
        raise ValueError

    def whole(_tonight, _position):
        done.append("audit")

    added = [
        Work(name="test.broken", stage="expire", chunk=broken),
        Work(name="test.whole", stage="audit", chunk=whole),
    ]
    monkeypatch.setattr(nightly, "NIGHTLY", added)
    skipped = NIGHT_WORK_SKIPPED.labels("test.broken")
    before = skipped._value.get()

    run_nights(now=MONDAY)

    night = Night.objects.get()
    assert (night.skipped, night.finished_at is not None) == (["test.broken"], True)
    assert done == ["audit"]
    assert skipped._value.get() == before + 1


def change_by_hand(account, balance):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE loyalty_account SET balance = %s WHERE id = %s", [balance, account.pk]
        )


@pytest.fixture
def falsified(shop, member):
    """A member's account in order, about to be changed by hand; mended in the end."""
    with at(MONDAY - timedelta(days=3)):
        shop.buys(member, "40.00")
    run_nights(now=MONDAY)
    account = shop.account(member)
    yield account
    points = Entry.objects.filter(account=account).values_list("points", flat=True)
    change_by_hand(account, sum(points))


def test_the_night_puts_what_does_not_agree_under_review(shop, member, falsified):
    with at(MONDAY + timedelta(hours=5)):
        shop.buys(member, "2.00")
    change_by_hand(falsified, 41)

    run_nights(now=TUESDAY)

    falsified.refresh_from_db()
    assert falsified.under_review_since is not None
    assert BROKEN_PROMISES.labels(str(shop.organization.pk))._value.get() == 2


def test_where_nothing_was_touched_the_first_night_of_the_week_looks(shop, falsified):
    change_by_hand(falsified, 41)
    reviewed = []
    for day in (6, 7):
        run_nights(now=MONDAY + timedelta(days=day))
        falsified.refresh_from_db()
        reviewed.append(falsified.under_review_since is not None)

    assert reviewed == [False, True]
