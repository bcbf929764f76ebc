"""Which earlier sales a return means that names none: same article, same price, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loyalty.earning.compiled import Key

STEP = Decimal("0.001")


class Goods(NamedTuple):
    """An article that came back: how much of it, and for how much money."""

    sku: str
    quantity: Decimal
    amount: Decimal


@dataclass(slots=True)
class Sale:
    """A line that was sold, with what can still come back of it; a match takes from it."""

    key: Key
    quantity: Decimal
    amount: Decimal
    quantity_left: Decimal
    amount_left: Decimal

    def is_priced_as(self, goods: Goods) -> bool:
        """Say whether one of it cost what one of the goods is given back for."""
        return self.amount * goods.quantity == goods.amount * self.quantity


class Piece(NamedTuple):
    """What comes back of one sold line."""

    key: Key
    quantity: Decimal
    amount: Decimal


class Match(NamedTuple):
    """The sold lines that goods were found on, and what was found on none."""

    pieces: list[Piece]
    rest: Goods

    @property
    def is_full(self) -> bool:
        """Say whether everything was found."""
        return not (self.rest.quantity or self.rest.amount)


def match(goods: Goods, sales: Sequence[Sale]) -> Match:
    """Find goods on the sales, which come newest first; one of the same price goes before.

    Money follows the quantity and never exceeds what a line still has: a return dearer than its
    sale leaves the difference over.
    """
    pieces: list[Piece] = []
    quantity_left, amount_left = goods.quantity, goods.amount
    for sale in sorted(sales, key=lambda sale: not sale.is_priced_as(goods)):
        quantity = min(quantity_left, sale.quantity_left)
        if quantity > 0:
            share = amount_left if quantity == quantity_left else _share(goods, quantity)
            amount = min(share, sale.amount_left)
            pieces.append(Piece(sale.key, quantity, amount))
            sale.quantity_left -= quantity
            sale.amount_left -= amount
            quantity_left -= quantity
            amount_left -= amount
    return Match(pieces, Goods(goods.sku, quantity_left, amount_left))


def _share(goods: Goods, quantity: Decimal) -> Decimal:
    if not goods.amount:
        return ZERO
    return (goods.amount * quantity / goods.quantity).quantize(STEP, rounding=ROUND_DOWN)
