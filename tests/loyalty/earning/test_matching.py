from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning.matching import Goods, Sale, match


def sale(key, quantity, amount, *, left=None):
    quantity, amount = Decimal(quantity), Decimal(amount)
    left = quantity if left is None else Decimal(left)
    return Sale(
        key=key,
        quantity=quantity,
        amount=amount,
        quantity_left=left,
        amount_left=amount * left / quantity,
    )


def goods(quantity, amount):
    return Goods("cup", Decimal(quantity), Decimal(amount))


@pytest.mark.parametrize(
    ("why", "back", "sales", "pieces", "rest"),
    [
        ("nothing was sold", goods(1, 2), [], [], (1, 2)),
        ("one of several", goods(1, 2), [sale("a", 3, 6)], [("a", 1, 2)], (0, 0)),
        ("the newest", goods(1, 2), [sale("b", 1, 2), sale("a", 1, 2)], [("b", 1, 2)], (0, 0)),
        ("the same price", goods(1, 2), [sale("b", 1, 3), sale("a", 2, 4)], [("a", 1, 2)], (0, 0)),
        ("what is left", goods(2, 4), [sale("a", 3, 6, left=1)], [("a", 1, 2)], (1, 2)),
        ("dearer", goods(1, 5), [sale("a", 1, 2)], [("a", 1, 2)], (0, 3)),
        ("cheaper", goods(1, 1), [sale("a", 1, 2)], [("a", 1, 1)], (0, 0)),
        ("given away", goods(1, 0), [sale("a", 1, 2)], [("a", 1, 0)], (0, 0)),
        ("money alone", goods(0, 5), [sale("a", 1, 2)], [], (0, 5)),
    ],
)
def test_goods_are_found_on_their_sale(why, back, sales, pieces, rest):
    found = match(back, sales)

    assert [tuple(piece) for piece in found.pieces] == pieces
    assert (found.rest.quantity, found.rest.amount) == rest
    assert found.is_full is (rest == (0, 0))


cents = st.integers(min_value=0, max_value=100_000).map(lambda number: Decimal(number) / 100)
units = st.integers(min_value=1, max_value=50).map(Decimal)


@given(quantity=units, amount=cents, sold=st.lists(st.tuples(units, cents), max_size=6))
def test_no_piece_of_goods_or_money_is_lost_or_made(quantity, amount, sold):
    sales = [sale(key, count, money) for key, (count, money) in enumerate(sold)]

    found = match(Goods("cup", quantity, amount), sales)

    assert sum(piece.quantity for piece in found.pieces) + found.rest.quantity == quantity
    assert sum(piece.amount for piece in found.pieces) + found.rest.amount == amount
    assert all(one.quantity_left >= 0 and one.amount_left >= 0 for one in sales)
    assert found.rest.quantity >= 0
    assert found.rest.amount >= 0
