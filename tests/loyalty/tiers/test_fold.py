"""Where an account stands by its past: no database, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.tiers.counting import Counted, Tally
from loyalty.tiers.fold import Event, Ladders, State, advanced, happened, joined, replayed
from loyalty.tiers.spec import parse_ladder
from loyalty.tiers.windows import ends, first_day
from tests.ladders import ladder

LONDON = ZoneInfo("Europe/London")
ALWAYS = datetime(2020, 1, 1, tzinfo=UTC)
ROLLING = {
    "window": {"type": "rolling", "months": 12},
    "valid": {"type": "months", "months": 12},
}


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def bought(day: str, amount: str, *, posted: str | None = None) -> Event:
    counted = Counted(date.fromisoformat(day), spend=Decimal(amount), points=int(Decimal(amount)))
    return Event(at(posted or day), [counted._replace(visits=1)])


def came_back(day: str, amount: str, *, of: str) -> Event:
    spend = -Decimal(amount)
    return Event(at(day), [Counted(date.fromisoformat(of), spend=spend, is_return=True)], True)


def told(events: list[Event], until: str, *, zone: ZoneInfo = LONDON, **said: object) -> State:
    """What a past comes to on a ladder that was always there."""
    ladders = Ladders(((ALWAYS, parse_ladder(ladder(**said))),), zone)
    fresh = State(looked_at=at("2025-01-01"), joined_on=date(2025, 3, 15))
    return replayed(fresh, Tally(), events, ladders, at(until))


def shown(state: State, zone: ZoneInfo = LONDON) -> tuple[str, str]:
    until = state.until.astimezone(zone).date().isoformat() if state.until else ""
    return state.tier, until


def the_day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def test_a_tier_is_reached_by_what_was_spent_in_the_year():
    state = told([bought("2026-03-01", "60"), bought("2026-05-01", "40")], "2026-06-01")

    assert shown(state) == ("silver", "2028-01-01")


def test_what_was_spent_the_year_before_does_not_count():
    state = told([bought("2025-12-31", "99"), bought("2026-01-01", "99")], "2026-06-01")

    assert shown(state) == ("", "")


def test_the_highest_tier_is_reached_at_once():
    assert shown(told([bought("2026-03-01", "500")], "2026-03-02")) == ("gold", "2028-01-01")


@pytest.mark.proves("case 41")
def test_a_tier_that_ends_is_kept_when_enough_still_counts():
    said = {**ROLLING, "valid": {"type": "months", "months": 6}}

    state = told([bought("2026-03-01", "100")], "2026-10-01", **said)

    assert shown(state) == ("silver", "2027-03-02")
    assert state.floor == "silver"


@pytest.mark.parametrize(
    ("unit", "kept", "later"),
    [
        ("month", "2026-05-01", "2026-06-01"),
        ("quarter", "2026-07-01", "2026-10-01"),
        ("year", "2027-01-01", "2028-01-01"),
        ("membership_year", "2026-03-15", "2027-03-15"),
    ],
)
def test_a_tier_that_holds_to_the_end_of_a_period_is_kept_to_the_end_of_the_next(unit, kept, later):
    valid = {"type": "months", "months": 0, "round_up": unit}
    said = {"window": {"type": "lifetime"}, "valid": valid}

    for day, expected in [(the_day_before(kept), kept), (kept, later)]:
        assert shown(told([bought("2026-03-01", "100")], day, **said)) == ("silver", expected)


def test_a_tier_that_was_not_earned_again_is_lost():
    state = told([bought("2026-03-01", "500")], "2028-01-02")

    assert shown(state) == ("", "")


@pytest.mark.parametrize(
    ("downgrade", "expected"),
    [
        ("full", ("", "")),
        ("one_level", ("silver", "2029-01-01")),
        ("none", ("gold", "")),
    ],
)
def test_where_a_tier_goes_at_its_end_is_for_the_ladder_to_say(downgrade, expected):
    state = told([bought("2026-03-01", "500")], "2028-02-01", downgrade=downgrade)

    assert shown(state) == expected


def test_full_goes_down_to_what_was_earned():
    events = [bought("2026-03-01", "500"), bought("2027-03-01", "120")]

    assert shown(told(events, "2028-02-01")) == ("silver", "2029-01-01")


@pytest.mark.proves("case 42")
def test_earned_again_within_its_period_a_tier_holds_longer_from_then_on():
    events = [bought("2026-03-01", "100"), bought("2026-07-10", "60"), bought("2026-09-20", "40")]

    before = told(events[:2], "2026-10-01", **ROLLING)
    after = told(events, "2026-10-01", **ROLLING)

    assert shown(before) == ("silver", "2027-03-02")
    assert shown(after) == ("silver", "2027-09-21")


@pytest.mark.proves("case 43")
def test_grace_runs_from_the_end_of_the_tier_and_benefits_hold():
    bought_once = [bought("2026-03-01", "100")]

    in_grace = told(bought_once, "2028-01-30", grace_days=30)
    after = told(bought_once, "2028-01-31", grace_days=30)

    assert shown(in_grace) == ("silver", "2028-01-01")
    assert in_grace.is_in_grace
    assert in_grace.due_at == datetime(2028, 1, 31, tzinfo=UTC)
    assert shown(after) == ("", "")


@pytest.mark.proves("case 43")
def test_what_is_bought_in_grace_still_keeps_the_tier_for_the_period_after():
    events = [
        bought("2026-03-01", "100"),
        bought("2027-11-01", "70"),
        bought("2028-01-20", "30"),
    ]

    state = told(events, "2028-06-01", grace_days=30)

    assert shown(state) == ("silver", "2029-01-01")
    assert state.floor == "silver"


@pytest.mark.proves("case 43")
@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (None, "2026-08-11"),
        ("month", "2026-09-01"),
        ("quarter", "2026-10-01"),
        ("year", "2027-01-01"),
        ("membership_year", "2027-03-15"),
    ],
)
def test_validity_is_rounded_up_to_the_end_of_a_period(unit, expected):
    valid = {"type": "months", "months": 6} | ({"round_up": unit} if unit else {})

    state = told([bought("2026-02-10", "100")], "2026-03-01", valid=valid)

    assert shown(state) == ("silver", expected)


@pytest.mark.proves("case 39")
@pytest.mark.parametrize(
    ("policy", "at_once", "at_the_end"),
    [
        ("now", ("", ""), ("", "")),
        ("at_period_end", ("silver", "2028-01-01"), ("", "")),
        ("never", ("silver", "2028-01-01"), ("", "")),
    ],
)
def test_what_a_return_does_is_for_the_ladder_to_say(policy, at_once, at_the_end):
    events = [bought("2026-03-01", "100"), came_back("2026-03-05", "1", of="2026-03-01")]

    assert shown(told(events, "2026-04-01", returns=policy)) == at_once
    assert shown(told(events, "2028-04-01", returns=policy)) == at_the_end


@pytest.mark.proves("case 39")
def test_returns_that_never_count_leave_what_was_bought_counting():
    events = [
        bought("2026-03-01", "99"),
        came_back("2026-03-05", "99", of="2026-03-01"),
        bought("2026-03-06", "1"),
    ]

    assert shown(told(events, "2026-04-01", returns="never"))[0] == "silver"
    assert shown(told(events, "2026-04-01", returns="at_period_end"))[0] == ""


@pytest.mark.proves("case 39")
def test_a_return_leads_back_to_the_tier_before_and_to_its_own_end():
    events = [
        bought("2026-03-01", "100"),
        bought("2026-08-01", "450"),
        came_back("2026-08-02", "450", of="2026-08-01"),
    ]

    state = told(events, "2026-09-01", **ROLLING)

    assert shown(state) == ("silver", "2027-03-02")


def test_a_return_takes_nothing_as_long_as_enough_is_left_or_came_since():
    events = [
        bought("2026-03-01", "100"),
        bought("2026-04-01", "30"),
        came_back("2026-05-01", "30", of="2026-03-01"),
    ]

    assert shown(told(events, "2026-06-01"))[0] == "silver"


def test_no_return_takes_a_tier_that_was_kept_at_the_end_of_a_period():
    events = [
        bought("2026-03-01", "100"),
        bought("2027-03-01", "100"),
        came_back("2028-02-01", "100", of="2027-03-01"),
    ]

    state = told(events, "2028-03-01")

    assert shown(state) == ("silver", "2029-01-01")


def test_a_return_does_not_take_what_fell_out_of_the_window_by_itself():
    events = [
        bought("2026-03-01", "100"),
        bought("2026-12-01", "10"),
        came_back("2027-02-20", "10", of="2026-12-01"),
    ]
    window = {"type": "rolling", "months": 6}

    state = told(events, "2027-02-25", **{**ROLLING, "window": window})

    assert shown(state)[0] == "silver"


@pytest.mark.proves("T8")
def test_a_late_receipt_moves_no_tier_of_a_period_that_is_closed():
    late = [bought("2025-06-01", "500", posted="2026-01-05")]

    assert shown(told(late, "2026-02-01")) == ("", "")


def test_several_purchases_on_a_day_are_one_visit():
    tiers = [{"code": "silver", "name": "Silver", "threshold": "2"}]
    same_day = [bought("2026-03-01", "5"), bought("2026-03-01", "5")]

    once = told(same_day, "2026-04-01", basis="visits", tiers=tiers)
    twice = told([*same_day, bought("2026-03-02", "5")], "2026-04-01", basis="visits", tiers=tiers)

    assert (once.tier, twice.tier) == ("", "silver")


def test_a_lifetime_tier_is_never_lost():
    tiers = [{"code": "silver", "name": "Silver", "threshold": "100", "is_lifetime": True}]

    assert shown(told([bought("2026-03-01", "100")], "2036-01-01", tiers=tiers)) == ("silver", "")


def test_everything_counts_where_the_window_is_a_lifetime():
    events = [bought("2025-06-01", "60"), bought("2027-06-01", "40")]
    said = {"window": {"type": "lifetime"}, "valid": {"type": "forever"}}

    assert shown(told(events, "2030-01-01", **said)) == ("silver", "")


def test_a_year_of_membership_runs_from_the_day_of_joining():
    said = {"window": {"type": "membership_year"}}
    across = [bought("2026-03-14", "60"), bought("2026-03-15", "40")]
    within = [bought("2026-03-15", "60"), bought("2027-03-14", "40")]

    assert told(across, "2026-04-01", **said).tier == ""
    assert told(within, "2027-04-01", **said).tier == "silver"


@pytest.mark.proves("case 44")
def test_a_lower_threshold_lifts_from_the_moment_it_counts():
    spec = parse_ladder(ladder())
    easier = parse_ladder(ladder(tiers=[{"code": "silver", "name": "Silver", "threshold": "50"}]))
    ladders = Ladders(((ALWAYS, spec), (at("2026-05-01"), easier)), LONDON)
    fresh = State(looked_at=at("2026-01-01"), joined_on=date(2025, 3, 15))

    before = replayed(fresh, Tally(), [bought("2026-03-01", "60")], ladders, at("2026-04-30"))
    after = replayed(fresh, Tally(), [bought("2026-03-01", "60")], ladders, at("2026-05-02"))

    assert (before.tier, after.tier) == ("", "silver")
    assert after.top is not None
    assert after.top.since == at("2026-05-01")


@pytest.mark.proves("case 44")
def test_a_higher_threshold_lowers_nobody_before_the_end_of_their_period():
    harder = parse_ladder(ladder(tiers=[{"code": "silver", "name": "Silver", "threshold": "1000"}]))
    ladders = Ladders(((ALWAYS, parse_ladder(ladder())), (at("2026-05-01"), harder)), LONDON)
    fresh = State(looked_at=at("2026-01-01"), joined_on=date(2025, 3, 15))
    events = [bought("2026-03-01", "110"), came_back("2026-06-01", "5", of="2026-03-01")]

    within = replayed(fresh, Tally(), events, ladders, at("2027-12-31"))
    over = replayed(fresh, Tally(), events, ladders, at("2028-01-01"))

    assert (within.tier, over.tier) == ("silver", "")


@pytest.mark.proves("T9")
def test_after_an_outage_every_end_has_the_day_it_should_have_had():
    said = {**ROLLING, "valid": {"type": "months", "months": 1}, "downgrade": "one_level"}
    ladders = Ladders(((ALWAYS, parse_ladder(ladder(**said))),), LONDON)
    fresh = State(looked_at=at("2025-01-01"), joined_on=date(2025, 3, 15))
    tally = Tally()
    reached = replayed(fresh, tally, [bought("2025-03-01", "500")], ladders, at("2025-03-01"))

    state, moves = advanced(reached, tally, ladders, at("2026-04-15"))

    lost = [move for move in moves if move.why == "lowered"]
    assert [move.at for move in lost] == [
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 4, 1, 23, tzinfo=UTC),  # a day begins an hour earlier since March
    ]
    assert state.tier == ""


@pytest.mark.proves("T2")
@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Apia"])
def test_a_tier_ends_with_the_first_instant_of_a_local_day(zone):
    there = ZoneInfo(zone)
    spec = parse_ladder(ladder(valid={"type": "months", "months": 1}))

    for day in range(1, 29):
        reached = datetime(2026, 3, day, 12, tzinfo=there)
        end = ends(spec.valid, reached, joined_on=date(2025, 3, 15), zone=there)

        assert end is not None
        last = datetime.fromtimestamp(end.timestamp() - 0.001, there).date()
        assert last == date(2026, 4, day)
        assert datetime.fromtimestamp(end.timestamp(), there).date() > last


def test_a_year_that_began_on_a_leap_day_begins_on_the_28th_in_others():
    window = parse_ladder(ladder(window={"type": "membership_year"})).window

    days = [
        first_day(window, date(2026, 2, 27), date(2024, 2, 29)),
        first_day(window, date(2026, 2, 28), date(2024, 2, 29)),
        first_day(window, date(2028, 2, 28), date(2024, 2, 29)),
        first_day(window, date(2028, 2, 29), date(2024, 2, 29)),
    ]

    assert days == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


@pytest.mark.proves("T4")
def test_an_end_that_was_promised_does_not_move_with_the_zone():
    reached = told([bought("2026-03-01", "100")], "2026-04-01")
    west = Ladders(((ALWAYS, parse_ladder(ladder())),), ZoneInfo("America/New_York"))
    tally = Tally.of([Counted(date(2026, 3, 1), Decimal(100))])

    still, _moves = advanced(reached, tally, west, at("2027-12-31"))
    over, _moves = advanced(reached, tally, west, at("2028-01-01"))

    assert still.until == reached.until
    assert over.tier == ""


@pytest.mark.proves("case 47")
def test_of_two_that_become_one_the_higher_tier_and_the_later_end_stay():
    spec = parse_ladder(ladder(**ROLLING))
    gold = told([bought("2026-03-01", "500")], "2026-09-01", **ROLLING)
    silver = told([bought("2026-08-01", "100")], "2026-09-01", **ROLLING)

    for one, other in ((gold, silver), (silver, gold)):
        assert shown(joined(one, other, spec)) == ("gold", "2027-08-02")


def test_nothing_is_reached_where_there_is_no_ladder_yet():
    ladders = Ladders(((at("2027-01-01"), parse_ladder(ladder())),), LONDON)
    fresh = State(looked_at=at("2026-01-01"), joined_on=date(2025, 3, 15))
    tally = Tally.of([Counted(date(2026, 3, 1), Decimal(500))])

    assert happened(fresh, tally, ladders, at("2026-03-01")) == []
