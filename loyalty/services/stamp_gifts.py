"""What stamp cards give at their places, once per sheet, and what is taken back of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from loyalty.gifts import AnyGift, PointsGift
from loyalty.models import Grant
from loyalty.services.gifts import Due, Gifted, give_many, take_gifts, withdraw_grants
from loyalty.services.ledger import Book, Cause
from loyalty.services.stamp_strips import Key, Step, Strips, Why
from loyalty.stamps.fold import Place, Sheet

FULL = "stamp_sheet"
ON_THE_WAY = "stamp_milestone"
PLACES = 100  # more than a card can have


class Reached(NamedTuple):
    """A step that may have reached places, and the member who is given what they give."""

    step: Step
    member_id: int


def give_for(book: Book, strips: Strips, reached: Sequence[Reached]) -> list[Gifted]:
    """Store the strips and give what the places reached give, where they have not given it yet.

    The answer has one for each step.
    """
    fresh = [_marked(one.step) for one in reached]
    strips.store()
    due = [
        Due(one.step.key[0], one.member_id, _gifts(strips, one.step.key, place), cause)
        for one, places in zip(reached, fresh, strict=True)
        for place, cause in _causes(strips, one.step, places)
    ]
    given = iter(give_many(book, due) if due else ())
    return [_together([next(given) for _place in places]) for places in fresh]


def named(sheet_id: int, at: int, *, is_full: bool) -> tuple[str, int]:
    """Return the cause by which gifts of a place are known."""
    return (FULL, sheet_id) if is_full else (ON_THE_WAY, sheet_id * PLACES + at)


@dataclass(frozen=True, slots=True)
class Undoing:
    """Takes back what places of one strip gave, each wholly or, when it was used, not at all."""

    book: Book
    strips: Strips
    key: Key
    why: Why

    def may_reopen(self, sheet: Sheet) -> bool:
        """Take back what the full sheet gave; or say that it was used, and stays full."""
        return self.take(Place(sheet, self.strips.by_key[self.key].spec_of(sheet).size))

    def may_drop(self, sheet: Sheet) -> bool:
        """Take back what was given on the way; or say that some of it was used."""
        return all(self.take(Place(sheet, at)) for at in sorted(sheet.gifted))

    def take_left(self, places: Sequence[Place]) -> None:
        """Take back what the places gave that have lost their stamps."""
        for place in places:
            self.take(place)

    def take(self, place: Place) -> bool:
        """Take back what one place gave; or say that it was used."""
        if place.at not in place.sheet.gifted:
            return True
        account_id, _card_id = self.key
        kind, pk = _named(self.strips, self.key, place)
        grants = Grant.objects.filter(account_id=account_id, cause=kind, cause_id=pk)
        if not self._withdrawn([one for one in grants if one.status == Grant.Status.GIVEN]):
            return False
        place.sheet.gifted.discard(place.at)
        gifts = _gifts(self.strips, self.key, place)
        points = sum(gift.points for gift in gifts if isinstance(gift, PointsGift))
        key = self.strips.numbered(self.key, f"{self.why.request_key}:gift_back")
        cause = Cause(kind, pk, key, self.book.now)
        take_gifts(self.book, account_id, points, cause, ())
        return True

    def _withdrawn(self, grants: Sequence[Grant]) -> bool:
        with transaction.atomic():
            withdraw_grants(grants, self.book)
            if all(grant.status == Grant.Status.WITHDRAWN for grant in grants):
                return True
            transaction.set_rollback(True)
        return False


def _marked(step: Step) -> list[Place]:
    fresh = [place for place in step.places if place.at not in place.sheet.gifted]
    for place in fresh:
        place.sheet.gifted.add(place.at)
    return fresh


def _causes(strips: Strips, step: Step, places: Sequence[Place]) -> Iterator[tuple[Place, Cause]]:
    for place in places:
        kind, pk = _named(strips, step.key, place)
        key = strips.numbered(step.key, f"{step.why.request_key}:gift")
        yield place, Cause(kind, pk, key, step.move.at)


def _named(strips: Strips, key: Key, place: Place) -> tuple[str, int]:
    is_full = place.at == strips.by_key[key].spec_of(place.sheet).size
    return named(strips.row(key, place.sheet).pk, place.at, is_full=is_full)


def _gifts(strips: Strips, key: Key, place: Place) -> Sequence[AnyGift]:
    return strips.by_key[key].spec_of(place.sheet).gifts_at(place.at)


def _together(gifted: Sequence[Gifted]) -> Gifted:
    return Gifted(
        [entry for one in gifted for entry in one.entries],
        [grant for one in gifted for grant in one.grants],
    )
