"""Sales as returns find them: what can still come back of them, and what of it is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, QuerySet

from loyalty.earning.carrying import MILLION
from loyalty.earning.compiled import Key
from loyalty.earning.exact import ZERO
from loyalty.earning.matching import Goods, Match
from loyalty.earning.returns import GivenAward, ReturnPlan, Reversal, SoldLine
from loyalty.models import Award, CarriedPart, Purchase, PurchaseLine, Return
from loyalty.services.carried_back import Coming, Loss, carried_parts


@dataclass(slots=True)
class Sold:
    """A purchase as it stands before a return: its lines, and what can be reversed of its awards.

    Planning marks here what it takes, so that the next return sees what is left.
    """

    purchase: Purchase
    lines: dict[int, PurchaseLine] = field(default_factory=dict)
    awards: list[Award] = field(default_factory=list)
    reversed: dict[int, dict[int, int]] = field(default_factory=dict)
    carried: dict[str, CarriedPart] = field(default_factory=dict)

    def sold_lines(self, numbers: Iterable[int] | None = None) -> list[SoldLine]:
        """Return the lines as the arithmetic sees them."""
        wanted = sorted(self.lines) if numbers is None else numbers
        return [_sold_line(self.lines[number]) for number in wanted]

    def given(self) -> list[GivenAward]:
        """Return the awards as the arithmetic sees them."""
        awards = [
            GivenAward(key=award.pk, shares=dict(award.lines), reversed=self.reversed[award.pk])
            for award in self.awards
        ]
        carried = [
            GivenAward(key=key, shares=dict(part.lines), reversed=dict(part.back))
            for key, part in self.carried.items()
        ]
        return [*awards, *carried]

    def mark(self, plan: ReturnPlan) -> None:
        """Take the plan's goods and points off what is left."""
        for part in plan.lines:
            line = self.lines[part.number]
            line.returned_quantity += part.quantity
            line.returned_amount += part.amount
        self.purchase.returned += plan.amount
        for reversal in plan.reversals:
            if isinstance(reversal.award, str):
                _mark_back(self.carried[reversal.award], reversal)
            else:
                self.reversed[reversal.award][reversal.number] += reversal.points


@dataclass(slots=True)
class Taking:
    """One return with everything it takes: parts of purchases, and goods no sale is known of."""

    row: Return
    parts: list[tuple[Sold, ReturnPlan]] = field(default_factory=list)
    unmatched: list[Goods] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Return the money that goes back."""
        known = sum([plan.amount for _sold, plan in self.parts], ZERO)
        return known + sum([goods.amount for goods in self.unmatched], ZERO)

    def lost(self) -> Iterator[Loss]:
        """Yield what the awards lose by their own lines."""
        for sold, plan in self.parts:
            taken: dict[Key, list[tuple[int, int]]] = defaultdict(list)
            for reversal in plan.reversals:
                taken[reversal.award].append((reversal.number, reversal.points))
            for award in sold.awards:
                if award.pk in taken:
                    yield Loss(award, taken[award.pk])

    def coming(self) -> Iterator[Coming]:
        """Yield the money that comes back and that rules had carried over, by purchase and rule."""
        for sold, plan in self.parts:
            taken: dict[Key, int] = defaultdict(int)
            for reversal in plan.reversals:
                taken[reversal.award] += reversal.points
            for key, part in sold.carried.items():
                if key in taken:
                    yield Coming(part, taken[key] / MILLION)


@dataclass(slots=True)
class Returned:
    """A return that is on record, and what it changed; ``refund`` is the money to be paid out.

    ``deducted`` points were paid by keeping money back, ``shortfall`` was let go because nothing
    was left, ``expired`` because it had ended before. ``in_kind`` counts by unit what went back
    that is no points. ``also`` tells in sentences what apps above did about it.
    """

    row: Return
    plan: ReturnPlan | None = None
    refund: Decimal = ZERO
    deduction: Decimal = ZERO
    points: int = 0
    debt: int = 0
    deducted: int = 0
    shortfall: int = 0
    expired: int = 0
    in_kind: dict[str, int] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    also: list[str] = field(default_factory=list)


def read_sold(purchases: Iterable[Purchase]) -> dict[int, Sold]:
    """Read what can still be reversed of these purchases; their lines are read by the caller."""
    sold = {purchase.pk: Sold(purchase) for purchase in purchases}
    for award in _reversible(list(sold)):
        if award.rule_version.spec.get("carry"):
            continue  # what it loses is told by the money that counted
        one = sold[award.purchase_id or 0]
        one.awards.append(award)
        one.reversed[award.pk] = defaultdict(int)
        for reversal in award.reversals.all():
            for number, points in reversal.lines:
                one.reversed[award.pk][number] += points
    for part in carried_parts(list(sold)):
        sold[part.purchase_id].carried[f"carried:{part.pk}"] = part
    return sold


def _reversible(purchase_ids: Sequence[int]) -> QuerySet[Award]:
    awards = Award.objects.filter(purchase__in=purchase_ids, awarded__gt=F("reversed"))
    return awards.select_related("rule_version").prefetch_related("reversals").order_by("pk")


def _sold_line(line: PurchaseLine) -> SoldLine:
    return SoldLine(
        number=line.number,
        quantity=line.quantity,
        amount=line.amount,
        returned_quantity=line.returned_quantity,
        returned_amount=line.returned_amount,
    )


def _mark_back(part: CarriedPart, reversal: Reversal) -> None:
    back = dict(part.back)
    back[reversal.number] = back.get(reversal.number, 0) + reversal.points
    part.back = sorted([number, taken] for number, taken in back.items())
