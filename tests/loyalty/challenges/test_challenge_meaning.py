"""What targets, periods and levels mean, without any database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.challenges.counting import NOTHING, Counted, Happened, compile_challenge, ground_of
from loyalty.challenges.fold import State, fold, is_reached, now_standing
from loyalty.challenges.levels import Levels, Standing, levels_words, standing
from loyalty.challenges.periods import EachPeriod, FixedPeriod, JoiningPeriod, is_over
from loyalty.challenges.spec import dump_challenge, parse_challenge
from loyalty.challenges.targets import StreakTarget, week_of
from loyalty.challenges.words import describe_challenge, progress_words
from loyalty.earning.receipt import Earner, Line, LineKind, Receipt
from loyalty.earning.wording import Wording
from tests.challenges import spec

LONDON = ZoneInfo("Europe/London")
TEHRAN = ZoneInfo("Asia/Tehran")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day_span(span):
    return span and (span.day.isoformat(), span.starts_at.isoformat(), span.ends_at.isoformat())


def test_a_period_is_told_by_the_organizations_calendar():
    june = EachPeriod(type="each", unit="month")
    moment = at("2026-05-31T23:30")  # the first of June in London

    assert day_span(june.span_at(moment, LONDON)) == (
        "2026-06-01",
        "2026-05-31T23:00:00+00:00",
        "2026-06-30T23:00:00+00:00",
    )
    assert june.span_at(moment, ZoneInfo("UTC")).day == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("unit", "first", "after"),
    [
        ("week", date(2026, 11, 16), date(2026, 11, 23)),
        ("month", date(2026, 11, 1), date(2026, 12, 1)),
        ("quarter", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_weeks_begin_on_monday_and_quarters_in_january(unit, first, after):
    span = EachPeriod(type="each", unit=unit).span_at(at("2026-11-22T12:00"), TEHRAN)

    assert span.day == first
    assert span.ends_at.astimezone(TEHRAN).date() == after


def test_a_fixed_period_holds_both_its_days_and_is_over_after_them():
    june = FixedPeriod.model_validate(
        {"type": "fixed", "from": "2026-06-01", "until": "2026-06-30"}
    )

    assert june.span_at(at("2026-06-30T22:59"), LONDON) is not None
    assert june.span_at(at("2026-06-30T23:00"), LONDON) is None
    assert not is_over(june, at("2026-06-30T22:59"), LONDON)
    assert is_over(june, at("2026-06-30T23:00"), LONDON)
    assert june.begins_at(LONDON) == at("2026-05-31T23:00")


def test_days_from_joining_last_to_the_end_of_the_last():
    span = JoiningPeriod(type="after_joining", days=7).span_at(at("2026-06-01T15:00"), LONDON)

    assert day_span(span) == (
        "2026-06-01",
        "2026-06-01T15:00:00+00:00",
        "2026-06-08T23:00:00+00:00",
    )


WEEKS = [week_of(date(2026, 1, day)) for day in (1, 8, 15, 22, 29)]


@pytest.mark.parametrize(
    ("seen", "reached"),
    [
        ([], 0),
        ([0], 1),
        ([0, 1], 2),
        ([0, 2], 1),
        ([0, 1, 3], 1),
        ([0, 1, 2, 4], 3),  # once long enough, it stays reached
        ([0, 1, 2, 3, 4], 3),
    ],
)
def test_a_row_of_weeks_has_no_gap(seen, reached):
    weeks = StreakTarget(type="week_streak", weeks=3)

    assert weeks.reached(dict.fromkeys((WEEKS[place] for place in seen), 1)) == reached


def test_a_row_holds_until_a_week_was_left_out():
    weeks = StreakTarget(type="week_streak", weeks=4)
    state = State(Decimal(2), {WEEKS[0]: 1, WEEKS[1]: 1})

    standing_on = [now_standing(weeks, state, date(2026, 1, day)) for day in (8, 18, 19)]

    assert standing_on == [2, 2, 0]


def test_weeks_run_on_over_the_end_of_a_year():
    last, first = week_of(date(2026, 12, 31)), week_of(date(2027, 1, 4))

    assert int(first) == int(last) + 1


def bought(*lines, **said):
    receipt = Receipt(
        occurred_at=at("2026-06-01T12:00"),
        local=at("2026-06-01T12:00"),
        store="1",
        channel="store",
        lines=lines,
        total=sum((line.amount for line in lines), Decimal(0)),
        paid_without_earning=Decimal(said.pop("points", 0)),
    )
    challenge = compile_challenge(parse_challenge(spec(**said)), version_key=1, number=1)
    return challenge.counts(Happened(day=date(2026, 6, 1), ground=ground_of(receipt, Earner())))


def line(amount, number=1, **details):
    return Line(number=number, quantity=Decimal(1), amount=Decimal(amount), **details)


AMOUNT = {"type": "amount", "amount": "50"}


def test_goods_count_whatever_they_were_paid_with():
    assert bought(line("8"), target=AMOUNT, points=8) == Counted(Decimal(8))


def test_only_products_count_and_discounts_lower_what_they_cost():
    tip = line("5", 2, kind=LineKind.TIP)
    discount = line("-3", 3)

    assert bought(line("8"), tip, discount, target=AMOUNT) == Counted(Decimal(5))
    assert bought(tip) == NOTHING


def test_a_goal_is_reached_by_the_sum_of_what_counted():
    target = parse_challenge(spec(target=AMOUNT)).target
    state = fold(target, [Counted(Decimal("49.99")), Counted(Decimal("0.01"))])

    assert is_reached(target, state)
    assert not is_reached(target, fold(target, [Counted(Decimal("49.99"))]))


def test_levels_are_read_off_a_count():
    steps = [{"name": "Explorer", "needed": 3}, {"name": "Hero", "needed": 10}]
    levels = Levels.model_validate({"steps": steps})

    assert standing(levels, 2) == Standing("", "Explorer", 1)
    assert standing(levels, 3) == Standing("Explorer", "Hero", 7)
    assert standing(levels, 12) == Standing("Hero", "", 0)
    assert levels_words(levels, Wording.for_reader("GBP")) == (
        "Explorer from 3 completed challenges on, Hero from 10 completed challenges on"
    )


def test_a_challenge_reads_as_a_sentence_and_comes_back_from_its_json():
    said = spec(
        target={"type": "amount", "amount": "50"},
        conditions=[{"type": "category", "categories": ["Coffee"]}],
        period={"type": "after_joining", "days": 14},
        joining="opt_in",
    )
    challenge, say = parse_challenge(said), Wording.for_reader("GBP")

    assert describe_challenge(challenge, say) == (
        "£50 spent on Coffee, within 14 days of joining: 100 points and the badge Early bird"
    )
    assert progress_words(challenge, Decimal("12.5"), say) == "£12.50 of £50"
    assert parse_challenge(dump_challenge(challenge)) == challenge
