"""What a return takes back: money per line, and of every award exactly what the lines earned."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import EXACT, ZERO, plain
from loyalty.earning.spread import apportion_down, largest_remainder
from loyalty.errors import AlreadyReturned, NothingReturned, OverReturn, ReturnedLineUnknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loyalty.earning.compiled import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """A line of the purchase, with what has already come back of it."""

    number: int
    quantity: Decimal
    amount: Decimal
    returned_quantity: Decimal = ZERO
    returned_amount: Decimal = ZERO

    @property
    def quantity_left(self) -> Decimal:
        """Return how much can still come back."""
        return self.quantity - self.returned_quantity

    @property
    def amount_left(self) -> Decimal:
        """Return how much money can still go back."""
        return self.amount - self.returned_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAward:
    """An award as it lies on the lines, with what was already taken back from each."""

    key: Key
    shares: Mapping[int, int]
    reversed: Mapping[int, int] = field(default_factory=dict)

    def left_on(self, number: int) -> int:
        """Return the points of this award that still lie on a line."""
        return self.shares.get(number, 0) - self.reversed.get(number, 0)


class ReturnedLine(NamedTuple):
    """What comes back of one line, in goods and in money."""

    number: int
    quantity: Decimal
    amount: Decimal


class Reversal(NamedTuple):
    """The points one award loses on one line."""

    award: Key
    number: int
    points: int


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """All that one return takes back."""

    lines: tuple[ReturnedLine, ...]
    reversals: tuple[Reversal, ...]

    @property
    def amount(self) -> Decimal:
        """Return the money that goes back."""
        return sum([line.amount for line in self.lines], ZERO)

    @property
    def points(self) -> int:
        """Return the points that go back."""
        return sum([reversal.points for reversal in self.reversals])


def return_lines(
    sold: Sequence[SoldLine],
    awards: Sequence[GivenAward],
    quantities: Mapping[int, Decimal],
    *,
    decimals: int,
) -> ReturnPlan:
    """Take back quantities of lines, pro rata; the last piece of a line takes all its rest.

    ``decimals`` is the number of decimal places of the currency.
    """
    known = {line.number: line for line in sold}
    if not quantities or min(quantities.values()) <= 0:
        raise NothingReturned(field="lines")
    returned = []
    for number, quantity in sorted(quantities.items()):
        line = _returnable(known, number, quantity)
        amount = _piece(line.amount_left, quantity, line.quantity_left, decimals)
        returned.append(ReturnedLine(number, quantity, amount))
    parts = {
        line.number: Fraction(line.quantity) / Fraction(known[line.number].quantity_left)
        for line in returned
    }
    return ReturnPlan(tuple(returned), _reversals(awards, parts))


def return_amount(
    sold: Sequence[SoldLine],
    awards: Sequence[GivenAward],
    amount: Decimal,
    *,
    decimals: int,
) -> ReturnPlan:
    """Take back a sum of money, pro rata over what has not come back yet."""
    if amount <= 0:
        raise NothingReturned(field="amount")
    left = sum([line.amount_left for line in sold], ZERO)
    if left <= 0:
        raise AlreadyReturned(field="amount")
    if amount > left:
        raise OverReturn(field="amount", left=plain(left))
    returned = _all_left(sold) if amount == left else _share_of_each(sold, amount, decimals)
    known = {line.number: line.amount_left for line in sold}
    parts = {
        line.number: Fraction(line.amount) / Fraction(known[line.number])
        for line in returned
        if line.amount
    }
    return ReturnPlan(tuple(returned), _reversals(awards, parts))


def return_pieces(
    sold: Sequence[SoldLine], awards: Sequence[GivenAward], pieces: Sequence[ReturnedLine]
) -> ReturnPlan:
    """Take back pieces whose money was settled elsewhere, and what they earned, pro rata."""
    left = {line.number: line.quantity_left for line in sold}
    parts = {
        piece.number: Fraction(piece.quantity) / Fraction(left[piece.number]) for piece in pieces
    }
    return ReturnPlan(tuple(pieces), _reversals(awards, parts))


def _returnable(known: Mapping[int, SoldLine], number: int, quantity: Decimal) -> SoldLine:
    line = known.get(number)
    if line is None:
        raise ReturnedLineUnknown(line=number)
    if line.quantity_left <= 0:
        raise AlreadyReturned(field="lines", line=number)
    if quantity > line.quantity_left:
        raise OverReturn(field="lines", line=number, left=plain(line.quantity_left))
    return line


def _piece(amount: Decimal, part: Decimal, whole: Decimal, decimals: int) -> Decimal:
    if part == whole:
        return amount
    with localcontext(EXACT):
        piece = (amount * part / whole).quantize(_step(decimals), rounding=ROUND_HALF_UP)
    # An amount finer than the currency must not be rounded beyond itself.
    return piece if abs(piece) <= abs(amount) else amount


def _step(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def _all_left(sold: Sequence[SoldLine]) -> list[ReturnedLine]:
    return [
        ReturnedLine(line.number, line.quantity_left, line.amount_left)
        for line in sold
        if line.quantity_left > 0 or line.amount_left
    ]


def _share_of_each(sold: Sequence[SoldLine], amount: Decimal, decimals: int) -> list[ReturnedLine]:
    """Spread a sum over the lines, discounts included, to the smallest coin."""
    left = sum([line.amount_left for line in sold], ZERO)
    discounts = [line for line in sold if line.amount_left < 0]
    goods = [line for line in sold if line.amount_left > 0]
    taken = [_piece(line.amount_left, amount, left, decimals) for line in discounts]
    step = _step(_finest([amount, *taken, *(line.amount_left for line in goods)], decimals))
    coins = int((amount - sum(taken, ZERO)) / step)
    given = largest_remainder(coins, [line.amount_left for line in goods])
    shares = zip([*discounts, *goods], [*taken, *(count * step for count in given)], strict=True)
    return [_returned(line, share) for line, share in shares if share]


def _finest(amounts: Sequence[Decimal], decimals: int) -> int:
    """Return the decimal places that hold every amount; imports know halves of a penny."""
    exponents = [amount.normalize().as_tuple().exponent for amount in amounts]
    return max(decimals, *(-exponent for exponent in exponents if isinstance(exponent, int)))


def _returned(line: SoldLine, share: Decimal) -> ReturnedLine:
    # A line whose money is all back has nothing left to bring, whatever still lies at home.
    quantity = line.quantity_left if share == line.amount_left else ZERO
    return ReturnedLine(line.number, quantity, share)


def _reversals(awards: Sequence[GivenAward], parts: Mapping[int, Fraction]) -> tuple[Reversal, ...]:
    reversals = []
    for award in awards:
        points = apportion_down([award.left_on(number) * part for number, part in parts.items()])
        reversals += [
            Reversal(award.key, number, count)
            for number, count in zip(parts, points, strict=True)
            if count
        ]
    return tuple(reversals)
