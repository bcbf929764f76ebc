"""How many points pay how much, and what of them goes back: pure arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loyalty.earning.paying import NO_POINTS, Bill, InPoints, PaidPart, Tender, deduction
from loyalty.earning.vocabulary.paying import PayWithPoints
from loyalty.earning.wording import Wording
from loyalty.errors import PointsNotPayable

POLICIES = ("pro_rata", "cash_first", "kept")
SAY = Wording.for_reader("EUR")


def tender(value="1", *, decimals=2, **rules):
    return Tender(value=Decimal(value), decimals=decimals, rules=PayWithPoints(**rules))


def bill(total, *, decimals=2, paid="0"):
    return Bill.of(Decimal(total), decimals=decimals, paid=Decimal(paid))


def in_points(points, amount):
    return InPoints(points, Decimal(amount))


@pytest.mark.proves("case 28")
def test_of_more_points_than_are_due_only_those_are_taken_that_pay():
    taken = tender().pay(bill("20.00"), 300, SAY)

    assert taken == in_points(20, "20.00")


@pytest.mark.proves("case 30")
def test_the_total_as_it_can_be_paid_is_the_ceiling():
    rounded = bill("100.60", decimals=0)

    assert rounded.total == 101
    assert tender(decimals=0).pay(rounded, 500, SAY) == in_points(101, "101")


@pytest.mark.parametrize(
    ("why", "paying", "total", "wish", "taken"),
    [
        ("no part of a point pays", tender("0.30"), "1.00", 99, (3, "0.90")),
        ("a point that pays for nothing stays", tender("0.005"), "9.00", 3, (2, "0.01")),
        ("whole steps", tender(step=10), "25.00", 99, (20, "20.00")),
        ("the fewest there may be", tender(minimum=5), "25.00", 5, (5, "5.00")),
        ("half of it", tender(share_max=50), "25.00", 12, (12, "12.00")),
        ("what cards left", tender(), "25.00", 99, (25, "25.00")),
        ("fils", tender("0.005", decimals=3), "1.003", 999, (200, "1.000")),
    ],
)
def test_points_pay_what_the_program_says(why, paying, total, wish, taken):
    assert paying.pay(bill(total, decimals=paying.decimals), wish, SAY) == in_points(*taken)


@pytest.mark.parametrize(
    ("why", "paying", "of", "wish", "most", "said"),
    [
        ("beyond the share", tender(share_max=50), bill("25.00"), 13, 12, "At most 12 points"),
        ("beyond the most", tender(points_max=10), bill("25.00"), 11, 10, "At most 10 points"),
        ("below the fewest", tender(minimum=5), bill("25.00"), 4, 25, "Use at least 5 points"),
        ("between two steps", tender(step=10), bill("25.00"), 15, 20, "in steps of 10 points"),
        ("too small a purchase", tender(minimum=30), bill("25.00"), 99, 0, "is too small"),
        ("less than a point", tender("2"), bill("1.99"), 1, 0, "is too small"),
        ("nothing is left", tender(), bill("25.00", paid="25.00"), 1, 0, "Nothing is left"),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_most_that_is(why, paying, of, wish, most, said):
    with pytest.raises(PointsNotPayable) as refusal:
        paying.pay(of, wish, SAY)

    assert refusal.value.data["most"] == most
    assert said in str(refusal.value)


values = st.integers(1, 5000).map(lambda mills: Decimal(mills) / 1000)
totals = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
rules = st.builds(
    PayWithPoints,
    minimum=st.integers(1, 200),
    step=st.integers(1, 50),
    share_max=st.integers(1, 100),
)


@pytest.mark.proves("case 28", "case 30", "L6")
@given(values, rules, totals, totals, st.integers(0, 2**53))
def test_points_never_pay_more_than_is_due_and_none_is_taken_for_nothing(
    value, paying, total, paid, balance
):
    one = Tender(value=value, decimals=2, rules=paying)
    of = Bill.of(total, decimals=2, paid=min(paid, total))

    most = one.most(of, balance=balance)

    assert 0 <= most.amount <= min(of.due, of.total * paying.share_max / 100)
    assert most.amount == one.worth(most.points)
    assert most.points <= balance
    assert most.points % paying.step == 0
    fewer = most.points - paying.step
    assert most == NO_POINTS or fewer < paying.minimum or one.worth(fewer) < most.amount


@pytest.mark.proves("case 28")
@given(values, rules, totals, st.integers(1, 2**53))
def test_what_is_taken_is_what_was_wished_or_less_and_refused_otherwise(value, paying, total, wish):
    one, of = Tender(value=value, decimals=2, rules=paying), bill(total)

    try:
        taken = one.pay(of, wish, SAY)
    except PointsNotPayable as refusal:
        taken = in_points(refusal.data["most"], refusal.data["amount"])
        assume(taken.points)
        again = one.pay(of, taken.points, SAY)
        assert again == taken
    else:
        assert 0 < taken.points <= wish
        assert 0 < taken.amount <= of.total


def test_a_share_goes_back_as_points_and_money_by_their_parts():
    part = PaidPart(total=Decimal(100), paid=in_points(15, "15.00"), decimals=2)

    back = {
        policy: part.goes_back(policy, before=Decimal(0), amount=Decimal(75)) for policy in POLICIES
    }

    assert back == {
        "pro_rata": in_points(11, "11.25"),
        "cash_first": in_points(0, "0.00"),
        "kept": in_points(0, "11.25"),
    }


@pytest.mark.proves("case 37", "L6")
@given(
    st.sampled_from(POLICIES),
    st.lists(st.integers(1, 10_000), min_size=1, max_size=6),
    st.integers(1, 1000),
    st.integers(1, 100),
)
def test_all_returns_together_cover_exactly_what_was_paid(policy, coins, points, share):
    amounts = [Decimal(coin) / 100 for coin in coins]
    total = sum(amounts)
    paid = InPoints(points, max((total * share / 100).quantize(Decimal("0.01")), Decimal("0.01")))
    back, returned, refunds = NO_POINTS, Decimal(0), []

    for amount in amounts:
        part = PaidPart(total=total, paid=paid, back=back, decimals=2)
        due = part.goes_back(policy, before=returned, amount=amount)
        back = InPoints(back.points + due.points, back.amount + due.amount)
        returned += amount
        refunds.append(amount - due.amount)
        assert sum(refunds) <= total - paid.amount
        assert back.points <= paid.points

    assert min(refunds) >= 0
    assert back.amount == paid.amount
    assert back.points == (0 if policy == "kept" else paid.points)


@given(st.integers(0, 10_000), totals, values)
def test_no_more_is_kept_back_than_is_paid_out(short, refund, value):
    kept = deduction(short, refund, value, decimals=2)

    assert 0 <= kept.amount <= refund
    assert kept.points <= short
    assert kept.points == short or (kept.points + 1) * value > refund
