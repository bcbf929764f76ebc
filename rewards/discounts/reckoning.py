"""The one way discounts are reckoned: for quotes, purchases, trials and the till alike.

Prices and percentages come first, then free articles, then amounts. Nothing falls below zero, and
a voucher that would change nothing is left alone.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import EXACT, ZERO
from loyalty.earning.reasons import Reason
from rewards.discounts.amounts import take_amounts
from rewards.discounts.percents import Shares, take_percents
from rewards.discounts.reasons import beaten_by, nothing_left
from rewards.discounts.shares import as_money, decimals_in, in_coins, rounded
from rewards.discounts.sources import Lands, judge
from rewards.discounts.units import take_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loyalty.earning.receipt import Line, Receipt
    from rewards.discounts.sources import Shopper, Source


class OffLine(NamedTuple):
    """What was taken off one line."""

    number: int
    amount: Decimal


class Discount(NamedTuple):
    """What one source takes off, line by line, and why."""

    source: Source
    amount: Decimal
    lines: tuple[OffLine, ...]
    why: tuple[Reason, ...]


class Unused(NamedTuple):
    """A source that takes nothing off, and why; a voucher among them stays as it is."""

    source: Source
    why: tuple[Reason, ...]


class Discounted(NamedTuple):
    """A purchase after its discounts."""

    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()
    unused: tuple[Unused, ...] = ()

    @property
    def total(self) -> Decimal:
        """Return what the lines come to."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def taken_off(self) -> Decimal:
        """Return what all discounts come to."""
        return sum((one.amount for one in self.discounts), ZERO)


class Offered(NamedTuple):
    """A source, and what its program knows of who buys."""

    source: Source
    shopper: Shopper


def reckon(receipt: Receipt, offered: Iterable[Offered], *, decimals: int) -> Discounted:
    """Return a receipt with the discounts that are best for who buys, in a currency's decimals.

    The order of the sources does not matter. Each has an id of its own.
    """
    with localcontext(EXACT):
        in_order = sorted(offered, key=lambda one: one.source.order)
        judged = [(one.source, judge(one.source, receipt, one.shopper)) for one in in_order]
        till = _Till(receipt.lines, decimals)
        landing = till.needed([lands for _source, lands in judged if isinstance(lands, Lands)])
        shares = till.shares(landing)
        discounts = [_discount(lands, shares, till) for lands in landing]
        taken = [one for one in discounts if one.amount]
        reasons = _reasons(judged, taken)
        return Discounted(till.lines_after(shares), tuple(taken), reasons)


def _discount(lands: Lands, shares: Shares, till: _Till) -> Discount:
    own = tuple(
        OffLine(line.number, as_money(coins, till.decimals))
        for line in till.lines
        if (coins := shares.get((lands.source.id, line.number)))
    )
    amount = sum((part.amount for part in own), ZERO)
    why = lands.source.effect.why(amount, lands.spent)
    return Discount(lands.source, amount, own, why)


def _reasons(
    judged: Iterable[tuple[Source, Lands | tuple[Reason, ...]]], taken: Sequence[Discount]
) -> tuple[Unused, ...]:
    """Say of each source that takes nothing off why it does not."""
    used = {one.source.id for one in taken}
    return tuple(
        Unused(source, _why_not(lands, taken) if isinstance(lands, Lands) else lands)
        for source, lands in judged
        if source.id not in used
    )


def _why_not(lands: Lands, taken: Sequence[Discount]) -> tuple[Reason, ...]:
    winners = [
        one.source.name
        for one in taken
        if not lands.numbers.isdisjoint(part.number for part in one.lines)
    ]
    return (beaten_by(winners, lands.source) if winners else nothing_left(lands.source),)


class _Till:
    """The lines of one receipt in whole coins."""

    def __init__(self, lines: tuple[Line, ...], decimals: int) -> None:
        self.lines = lines
        self.decimals = decimals_in(lines, decimals=decimals)
        self._coins = {line.number: max(0, in_coins(line.amount, self.decimals)) for line in lines}

    def shares(self, landing: Sequence[Lands]) -> Shares:
        """Return what each source takes off each line, in coins."""
        left = dict(self._coins)
        off = take_percents(self.lines, left, landing, decimals=self.decimals)
        off |= take_units(left, landing)
        return off | take_amounts(left, landing, decimals=self.decimals)

    def needed(self, landing: list[Lands]) -> list[Lands]:
        """Leave out the vouchers without which as much is taken off; the larger one goes first."""
        vouchers = [lands for lands in landing if lands.source.is_voucher]
        most = sum(self.shares(landing).values()) if vouchers else 0
        for voucher in sorted(vouchers, key=_face, reverse=True):
            others = [lands for lands in landing if lands is not voucher]
            if sum(self.shares(others).values()) >= most:
                landing = others
        return landing

    def lines_after(self, shares: Shares) -> tuple[Line, ...]:
        """Return the lines with what is left to pay, and the tax that is in it."""
        off: dict[int, int] = {}
        for (_source, number), coins in shares.items():
            off[number] = off.get(number, 0) + coins
        return tuple(self._after(line, off.get(line.number, 0)) for line in self.lines)

    def _after(self, line: Line, coins: int) -> Line:
        if not coins:
            return line
        amount = line.amount - as_money(coins, self.decimals)
        return line._replace(amount=amount, tax=self._tax(line, amount))

    def _tax(self, line: Line, amount: Decimal) -> Decimal | None:
        if line.tax is None:
            return None
        share = Fraction(amount) / Fraction(line.amount)
        return as_money(rounded(in_coins(line.tax, self.decimals) * share), self.decimals)


def _face(lands: Lands) -> tuple[Decimal, tuple[int, int, str]]:
    return lands.source.effect.face, lands.source.order


def undiscounted(lines: tuple[Line, ...]) -> Discounted:
    """Return a receipt of which nothing is taken off."""
    return Discounted(lines)
