from decimal import Decimal

import pytest

from loyalty.earning.returns import (
    GivenAward,
    ReturnedLine,
    Reversal,
    SoldLine,
    return_amount,
    return_lines,
    return_pieces,
)
from loyalty.errors import AlreadyReturned, NothingReturned, OverReturn, ReturnedLineUnknown


def sold(number, quantity, amount, back="0", money_back="0"):
    return SoldLine(
        number=number,
        quantity=Decimal(quantity),
        amount=Decimal(amount),
        returned_quantity=Decimal(back),
        returned_amount=Decimal(money_back),
    )


def award(shares, back=None, key="award"):
    return GivenAward(key=key, shares=shares, reversed=back or {})


def quantities(**lines):
    return {int(name[1:]): Decimal(quantity) for name, quantity in lines.items()}


THREE = [sold(1, "1", "5.00"), sold(2, "3", "10.00"), sold(3, "1", "2.00")]


@pytest.mark.proves("case 36")
def test_a_returned_line_loses_its_own_points_and_no_others():
    plan = return_lines(THREE, [award({1: 5, 2: 10, 3: 2})], quantities(l1="1"), decimals=2)

    assert plan.lines == ((1, Decimal(1), Decimal("5.00")),)
    assert plan.reversals == (Reversal("award", 1, 5),)


@pytest.mark.proves("case 36")
@pytest.mark.parametrize(
    ("reason", "before", "quantity", "money", "points"),
    [
        ("the first of three", ("0", "0", 0), "1", "3.33", 3),
        ("the second of three", ("1", "3.33", 3), "1", "3.34", 3),
        ("the last takes the rest", ("2", "6.67", 6), "1", "3.33", 4),
        ("two at once", ("0", "0", 0), "2", "6.67", 6),
        ("a fraction of a unit", ("0", "0", 0), "0.5", "1.67", 1),
        ("all of them", ("0", "0", 0), "3", "10.00", 10),
    ],
)
def test_a_line_comes_back_in_pieces(reason, before, quantity, money, points):
    units_back, money_back, points_back = before
    lines = [sold(2, "3", "10.00", units_back, money_back)]
    given = award({2: 10}, {2: points_back})

    plan = return_lines(lines, [given], quantities(l2=quantity), decimals=2)

    assert (plan.amount, plan.points) == (Decimal(money), points)


def test_every_award_of_the_purchase_is_taken_back_for_itself():
    awards = [award({1: 5}, key="base"), award({1: 3, 2: 3}, key="double"), award({3: 1}, key="x")]

    plan = return_lines(THREE, awards, quantities(l1="1", l2="3"), decimals=2)

    assert plan.reversals == (("base", 1, 5), ("double", 1, 3), ("double", 2, 3))


@pytest.mark.parametrize(
    ("reason", "decimals", "money"), [("yen", 0, "333"), ("dinars", 3, "333.333")]
)
def test_money_is_rounded_to_the_currency(reason, decimals, money):
    plan = return_lines([sold(1, "3", "1000")], [], quantities(l1="1"), decimals=decimals)

    assert plan.amount == Decimal(money)


@pytest.mark.proves("case 36")
@pytest.mark.parametrize(
    ("reason", "amount", "lines", "points"),
    [
        ("all of it", "17.00", [(1, "1", "5.00"), (2, "3", "10.00"), (3, "1", "2.00")], 17),
        ("half of it", "8.50", [(1, "0", "2.50"), (2, "0", "5.00"), (3, "0", "1.00")], 8),
        ("the smallest coin", "0.01", [(2, "0", "0.01")], 0),
        (
            "a third, to the penny",
            "5.67",
            [(1, "0", "1.67"), (2, "0", "3.33"), (3, "0", "0.67")],
            5,
        ),
    ],
)
def test_an_amount_comes_back_pro_rata(reason, amount, lines, points):
    plan = return_amount(THREE, [award({1: 5, 2: 10, 3: 2})], Decimal(amount), decimals=2)

    assert plan.lines == tuple(
        (number, Decimal(quantity), Decimal(money)) for number, quantity, money in lines
    )
    assert (plan.amount, plan.points) == (Decimal(amount), points)


def test_an_amount_comes_back_only_over_what_has_not_come_back_yet():
    lines = [sold(1, "1", "5.00", "1", "5.00"), sold(2, "3", "10.00"), sold(3, "1", "2.00")]

    plan = return_amount(lines, [award({1: 5, 2: 10, 3: 2}, {1: 5})], Decimal(6), decimals=2)

    assert [line.number for line in plan.lines] == [2, 3]
    assert plan.points == 6


def test_a_unit_brought_back_after_a_sum_gets_what_is_left_of_it():
    lines = [sold(1, "2", "10.00", "0", "4.00")]

    plan = return_lines(lines, [award({1: 10}, {1: 4})], quantities(l1="1"), decimals=2)

    assert (plan.amount, plan.points) == (Decimal("3.00"), 3)


def test_a_discount_comes_back_with_the_goods():
    lines = [sold(1, "1", "100.00"), sold(2, "1", "-10.00")]

    half = return_amount(lines, [award({1: 90})], Decimal(45), decimals=2)
    whole = return_amount(lines, [award({1: 90})], Decimal(90), decimals=2)

    assert half.lines == ((2, 0, Decimal(-5)), (1, 0, Decimal(50)))
    assert half.points == 45
    assert whole.lines == ((1, 1, Decimal(100)), (2, 1, Decimal(-10)))
    assert whole.points == 90


@pytest.mark.parametrize(
    ("reason", "quantity", "money"),
    [
        ("a piece is rounded to the penny", "1", "0.01"),
        ("the whole is not", "2", "0.014"),
    ],
)
def test_an_amount_finer_than_the_currency_comes_back_to_the_last_bit(reason, quantity, money):
    plan = return_lines([sold(1, "2", "0.014")], [], quantities(l1=quantity), decimals=2)

    assert plan.amount == Decimal(money)


def test_a_sum_is_shared_out_as_finely_as_the_finest_line_needs():
    lines = [sold(1, "1", "0.005"), sold(2, "1", "1.00")]

    plan = return_amount(lines, [], Decimal("0.50"), decimals=2)

    assert [line.amount for line in plan.lines] == [Decimal("0.002"), Decimal("0.498")]


def test_no_piece_is_rounded_beyond_its_line():
    plan = return_lines([sold(1, "1", "0.006")], [], quantities(l1="0.9"), decimals=2)

    assert plan.amount == Decimal("0.006")


@pytest.mark.proves("case 36")
@pytest.mark.parametrize(
    ("reason", "wanted", "refusal", "data"),
    [
        ("more than was sold", {1: "2"}, OverReturn, {"line": 1, "left": "1"}),
        ("more than is left", {2: "2.5"}, OverReturn, {"line": 2, "left": "2"}),
        ("what came back before", {3: "1"}, AlreadyReturned, {"line": 3}),
        ("a line that is not there", {9: "1"}, ReturnedLineUnknown, {"line": 9}),
        ("no line", {}, NothingReturned, {}),
        ("nothing of a line", {1: "0"}, NothingReturned, {}),
        ("less than nothing", {1: "1", 2: "-1"}, NothingReturned, {}),
    ],
)
def test_lines_that_cannot_come_back_are_refused(reason, wanted, refusal, data):
    lines = [sold(1, "1", "5"), sold(2, "3", "9", "1", "3"), sold(3, "1", "2", "1", "2")]
    asked = {number: Decimal(quantity) for number, quantity in wanted.items()}

    with pytest.raises(refusal) as refused:
        return_lines(lines, [], asked, decimals=2)

    assert refused.value.data == data


@pytest.mark.proves("case 36")
@pytest.mark.parametrize(
    ("reason", "lines", "amount", "refusal", "data"),
    [
        ("more than was paid", THREE, "17.01", OverReturn, {"left": "17"}),
        ("all is back", [sold(1, "1", "5", "1", "5")], "1", AlreadyReturned, {}),
        ("nothing", THREE, "0", NothingReturned, {}),
        ("less than nothing", THREE, "-1", NothingReturned, {}),
    ],
)
def test_sums_that_cannot_come_back_are_refused(reason, lines, amount, refusal, data):
    with pytest.raises(refusal) as refused:
        return_amount(lines, [], Decimal(amount), decimals=2)

    assert refused.value.data == data


def test_free_goods_come_back_without_money():
    plan = return_lines([sold(1, "2", "0")], [], quantities(l1="1"), decimals=2)

    assert plan.lines == (ReturnedLine(1, Decimal(1), Decimal(0)),)


def test_pieces_whose_money_was_settled_elsewhere_lose_their_part_of_the_points():
    lines = [sold(1, "2", "10.00", "1", "5.00")]
    piece = ReturnedLine(1, Decimal(1), Decimal("3.00"))

    plan = return_pieces(lines, [award({1: 10}, {1: 5})], [piece])

    assert (plan.lines, plan.points) == ((piece,), 5)
