from decimal import Decimal

import pytest

from loyalty.earning.matching import Goods, Match, Piece, Sale, match


def sale(key, quantity, amount, left=None, money_left=None):
    return Sale(
        key=key,
        quantity=Decimal(quantity),
        amount=Decimal(amount),
        quantity_left=Decimal(left or quantity),
        amount_left=Decimal(money_left or amount),
    )


def goods(quantity, amount):
    return Goods("85123A", Decimal(quantity), Decimal(amount))


def found(*pieces, rest=("0", "0")):
    return Match(
        [Piece(key, Decimal(quantity), Decimal(amount)) for key, quantity, amount in pieces],
        goods(*rest),
    )


@pytest.mark.parametrize(
    ("reason", "back", "sales", "expected"),
    [
        (
            "the newest sale",
            ("1", "2"),
            [("new", "3", "6"), ("old", "3", "6")],
            [("new", "1", "2")],
        ),
        (
            "the sale of that price",
            ("1", "3"),
            [("new", "1", "2"), ("old", "1", "3")],
            [("old", "1", "3")],
        ),
        (
            "one after the other",
            ("4", "8"),
            [("new", "3", "6"), ("old", "3", "6")],
            [("new", "3", "6"), ("old", "1", "2")],
        ),
        (
            "only what is left of a sale",
            ("2", "4"),
            [("new", "3", "6", "1", "2"), ("old", "3", "6")],
            [("new", "1", "2"), ("old", "1", "2")],
        ),
        (
            "what was given away",
            ("2", "0"),
            [("new", "1", "0"), ("old", "1", "0")],
            [("new", "1", "0"), ("old", "1", "0")],
        ),
    ],
)
def test_goods_are_found_on_the_sales_they_most_likely_come_from(reason, back, sales, expected):
    answer = match(goods(*back), [sale(*one) for one in sales])

    assert answer == found(*expected)
    assert answer.is_full


@pytest.mark.parametrize(
    ("reason", "back", "sales", "expected"),
    [
        ("no sale at all", ("1", "2"), [], found(rest=("1", "2"))),
        (
            "more than was sold",
            ("3", "6"),
            [("a", "1", "2")],
            found(("a", "1", "2"), rest=("2", "4")),
        ),
        (
            "dearer than it was sold",
            ("1", "5"),
            [("a", "1", "2")],
            found(("a", "1", "2"), rest=("0", "3")),
        ),
    ],
)
def test_what_is_found_on_no_sale_is_left_over(reason, back, sales, expected):
    answer = match(goods(*back), [sale(*one) for one in sales])

    assert answer == expected
    assert not answer.is_full


def test_a_match_takes_from_the_sale_so_that_nothing_is_found_twice():
    sold = sale("a", "3", "6")

    match(goods("2", "4"), [sold])

    assert (sold.quantity_left, sold.amount_left) == (Decimal(1), Decimal(2))
