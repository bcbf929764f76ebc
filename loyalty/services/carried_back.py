"""What returns take of money that was carried over, and what was given for it.

Who returns a purchase loses as many as are too many then: for what this purchase gave itself
first, else for what a later one gave because of it. What a limit had refused goes first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from core.bulk import update_rows
from loyalty.models import Award, CarriedPart, Lot
from loyalty.services.carries import Carries, Place, carries_of
from loyalty.services.ledger import Book


class Loss(NamedTuple):
    """What an award loses, by line, because something came back."""

    award: Award
    lines: list[tuple[int, int]]


class Coming(NamedTuple):
    """Money of one part that comes back."""

    part: CarriedPart
    amount: Decimal


def carried_parts(purchase_ids: Sequence[int]) -> QuerySet[CarriedPart]:
    """Read what rules carried over of these purchases, with the awards that came of it."""
    return _whole(CarriedPart.objects.filter(purchase__in=purchase_ids)).order_by("pk")


def take_carried(book: Book, coming: Sequence[Sequence[Coming]]) -> list[list[Loss]]:
    """Take carried money back, return by return; say what each of them loses with it."""
    if not any(coming):
        return [[] for _part in coming]
    undoing = _Undoing.of(book, [one for part in coming for one in part])
    losses = [undoing.lose(part) for part in coming]
    undoing.store()
    _bring_lots(book, [loss for part in losses for loss in part])
    return losses


@dataclass(slots=True)
class _Undoing:
    """The accounts of which returns take carried money, under their locks."""

    book: Book
    carries: Carries
    parts: dict[int, CarriedPart]
    coming: frozenset[int]
    left: dict[int, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, book: Book, coming: Sequence[Coming]) -> _Undoing:
        """Read what these accounts have left over now."""
        places = {_place(book, one.part) for one in coming}
        accounts, rules = {place[0] for place in places}, {place[1] for place in places}
        parts = {one.part.pk: one.part for one in coming}
        # Others may have taken of their awards before the account was locked.
        for fresh in _whole(CarriedPart.objects.filter(pk__in=parts)):
            known = parts[fresh.pk]
            known.forgone, known.taken, known.award = fresh.forgone, fresh.taken, fresh.award
        return cls(book, carries_of(accounts, rules), parts, frozenset(parts))

    def lose(self, coming: Iterable[Coming]) -> list[Loss]:
        """Take carried money back; return what is lost with it."""
        return [loss for one in coming for loss in self._lose(one)]

    def store(self) -> None:
        """Write what is left over, and what came back of which part."""
        self.carries.store()
        came = [self.parts[pk] for pk in sorted(self.coming)]
        givers = [part for pk, part in sorted(self.parts.items()) if pk not in self.coming]
        update_rows(
            "loyalty_carriedpart",
            {"forgone": "bigint", "taken": "bigint", "returned": "numeric", "back": "jsonb"},
            [
                (part.pk, part.forgone, part.taken, part.returned, json.dumps(part.back))
                for part in came
            ],
        )
        gave = [(part.pk, part.forgone, part.taken) for part in givers]
        update_rows("loyalty_carriedpart", {"forgone": "bigint", "taken": "bigint"}, gave)

    def _lose(self, one: Coming) -> Iterator[Loss]:
        part, place = one.part, _place(self.book, one.part)
        part.returned += one.amount
        self.carries.move(place, part.per, -one.amount)
        too_many = max(0, ceil(-self.carries.left(*place)))
        for giver in self._givers(place, part, too_many):
            units = min(too_many, _units(giver))
            if units:
                too_many -= units
                self.carries.move(place, giver.per, units * giver.per)
                yield from self._take(giver, units)

    def _givers(self, place: Place, own: CarriedPart, most: int) -> Iterator[CarriedPart]:
        """Yield the parts that stand for what was given, the returned one before the newest."""
        if not most:
            return
        yield own
        if most <= _units(own):
            return
        accounts = [pk for pk in self.book.accounts if self.book.living(pk) == place[0]]
        gave = Q(forgone__gt=0) | Q(given__gt=F("taken"))
        others = CarriedPart.objects.filter(
            gave, account__in=accounts, rule_version__rule=place[1]
        ).exclude(pk=own.pk)
        for part in _whole(others).order_by("-pk")[: most + len(self.parts)]:
            yield self.parts.setdefault(part.pk, part)

    def _take(self, giver: CarriedPart, units: int) -> Iterator[Loss]:
        refused = min(units, giver.forgone)
        giver.forgone -= refused
        giver.taken += units - refused
        if units > refused and giver.award is not None:
            left, lines = self._left(giver.award), []
            kept = giver.award.awarded * (giver.given - giver.taken) // giver.given
            units = sum(left.values()) - kept
            for number in sorted(left, reverse=True):
                part = min(units, left[number])
                units -= part
                left[number] -= part
                if part:
                    lines.append((number, part))
            if lines:
                yield Loss(giver.award, lines)

    def _left(self, award: Award) -> dict[int, int]:
        """Return what is left of an award on its lines, those before in this book taken off."""
        if award.pk not in self.left:
            left = dict(award.lines)
            for reversal in award.reversals.all():
                for number, taken in reversal.lines:
                    left[number] -= taken
            self.left[award.pk] = left
        return self.left[award.pk]


def _bring_lots(book: Book, losses: Iterable[Loss]) -> None:
    """Read the lots of entries that nobody knew before would lose points."""
    entries = {loss.award.entry_id for loss in losses if loss.award.entry_id}
    if entries:
        lots = Lot.objects.filter(entry__in=entries, account__in=book.accounts)
        book.bring(lots.select_related("origin__origin").order_by("pk"))


def _units(part: CarriedPart) -> int:
    return part.forgone + part.given - part.taken


def _place(book: Book, part: CarriedPart) -> Place:
    return book.living(part.account_id), part.rule_version.rule_id


def _whole(parts: QuerySet[CarriedPart]) -> QuerySet[CarriedPart]:
    read = parts.select_related("rule_version", "award__rule_version", "award__purchase")
    return read.prefetch_related("award__reversals")
