"""How full a member's cards are, by the stamps that came and went, in the order of posting.

A stamp goes onto the open sheet if that was still good on the day of the purchase, whatever night
has run since; what is too much begins the next sheet. A sheet keeps the version of the card that
it was begun with. What is taken off goes from the newest sheet backward as far as full sheets can
be opened again, and is owed on the open one otherwise: then that stands below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from core.days import add_months, local_day, start_of_day
from loyalty.stamps.spec import StampCardSpec

Specs: TypeAlias = Mapping[int, StampCardSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Stamps that came, or went when negative, at a moment.

    A sheet that it begins keeps ``version``. ``reopened`` counts the full sheets that it opens
    again. Only what members do themselves ``keeps_alive`` the sheet that it goes onto.
    """

    stamps: int
    at: datetime
    version: int
    reopened: int = 0
    keeps_alive: bool = True


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One card from its first stamp on; ``begun_by`` is the sequence of the move that began it.

    ``gifted`` are the places whose gifts were given and still stand.
    """

    number: int
    version: int
    begun_by: int
    opened_at: datetime
    stamped_at: datetime
    expires_at: datetime | None = None
    stamps: int = 0
    completed_at: datetime | None = None
    gifted: set[int] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        """Say whether every place has its stamp."""
        return self.completed_at is not None

    def has_lapsed(self, at: datetime) -> bool:
        """Say whether its stamps are lost at that moment, whatever has been booked."""
        return not self.is_full and self.expires_at is not None and self.expires_at <= at


class Place(NamedTuple):
    """A place of a sheet that gives something."""

    sheet: Sheet
    at: int


class Strip:
    """The sheets of one account for one card, or the newest of them, and what may befall them."""

    def __init__(self, specs: Specs, zone: ZoneInfo, sheets: Iterable[Sheet] = ()) -> None:
        self.specs, self.zone = specs, zone
        self.sheets = list(sheets)

    def begun_anew(self) -> Strip:
        """Return a strip without sheets for the same card."""
        return Strip(self.specs, self.zone)

    @property
    def newest(self) -> Sheet | None:
        """Return the sheet that was begun last."""
        return self.sheets[-1] if self.sheets else None

    def spec_of(self, sheet: Sheet) -> StampCardSpec:
        """Return what the sheet was begun with."""
        return self.specs[sheet.version]

    def open_at(self, moment: datetime) -> Sheet | None:
        """Return the sheet that takes a stamp of that moment."""
        newest = self.newest
        return newest if newest and not newest.is_full and not newest.has_lapsed(moment) else None

    def has_lost(self, sequence: int | None, at: datetime) -> bool:
        """Say whether the stamps of that move have lapsed by then; of none, whether all have."""
        lapsed = [sheet for sheet in self.sheets if self._is_over(sheet, at)]
        if not lapsed:
            return False
        if lapsed[-1] is self.newest:
            return True
        after = self.sheets[self.sheets.index(lapsed[-1]) + 1]
        return sequence is not None and sequence < after.begun_by

    def _is_over(self, sheet: Sheet, at: datetime) -> bool:
        return not sheet.is_full and (sheet is not self.newest or sheet.has_lapsed(at))

    def move(self, sequence: int, move: Move) -> list[Place]:
        """Carry out one move; return the places that it reached, or that it left again."""
        return self._give(sequence, move) if move.stamps > 0 else self._take(sequence, move)

    def reopenings(
        self,
        stamps: int,
        *,
        may_drop: Callable[[Sheet], bool],
        may_reopen: Callable[[Sheet], bool],
    ) -> int:
        """Count the full sheets to be opened again so that so many stamps can be taken off.

        The first sheet that may not end or be opened again ends the search.
        """
        left, opened = stamps, 0
        for sheet in reversed(self.sheets):
            if sheet.is_full:
                if not may_reopen(sheet):
                    return opened
                opened += 1
            elif sheet is not self.newest:
                return opened
            if left <= sheet.stamps or self._is_first(sheet) or not may_drop(sheet):
                return opened
            left -= sheet.stamps
        return opened

    def _is_first(self, sheet: Sheet) -> bool:
        """Say whether no full sheet lies right before this one."""
        before = [one for one in self.sheets if one.number == sheet.number - 1]
        return not before or not before[0].is_full

    def _give(self, sequence: int, move: Move) -> list[Place]:
        reached: list[Place] = []
        left = move.stamps
        while left:
            sheet = self.open_at(move.at) or self._begin(sequence, move)
            before, size = sheet.stamps, self.spec_of(sheet).size
            sheet.stamps = min(size, before + left)
            left -= sheet.stamps - before
            if move.keeps_alive and move.at > sheet.stamped_at:
                sheet.stamped_at = move.at
                sheet.expires_at = self._end_of(sheet)
            if sheet.stamps == size:
                sheet.completed_at = move.at
            reached += self._places(sheet, before, sheet.stamps)
        return reached

    def _take(self, sequence: int, move: Move) -> list[Place]:
        left, places = -move.stamps, list[Place]()
        for _again in range(move.reopened):
            if self.sheets[-1].completed_at is None:
                dropped = self.sheets.pop()
                left -= dropped.stamps
                places += self._places(dropped, 0, dropped.stamps)
            self.sheets[-1].completed_at = None
        newest = self.newest
        sheet = newest if newest and not newest.is_full else self._begin(sequence, move)
        before = sheet.stamps
        sheet.stamps -= left
        return [*places, *self._places(sheet, max(sheet.stamps, 0), before)]

    def _begin(self, sequence: int, move: Move) -> Sheet:
        sheet = Sheet(
            number=self.sheets[-1].number + 1 if self.sheets else 1,
            version=move.version,
            begun_by=sequence,
            opened_at=move.at,
            stamped_at=move.at,
        )
        sheet.expires_at = self._end_of(sheet)
        self.sheets.append(sheet)
        return sheet

    def _end_of(self, sheet: Sheet) -> datetime | None:
        months = self.spec_of(sheet).months
        return None if months is None else lapses_at(sheet.stamped_at, months, self.zone)

    def _places(self, sheet: Sheet, above: int, until: int) -> list[Place]:
        spec = self.spec_of(sheet)
        return [Place(sheet, at) for at in range(max(above, 0) + 1, until + 1) if spec.gifts_at(at)]


def fold(moves: Sequence[Move], specs: Specs, zone: ZoneInfo) -> list[Sheet]:
    """Return the sheets that an account has of a card after these moves."""
    strip = Strip(specs, zone)
    for sequence, move in enumerate(moves, start=1):
        strip.move(sequence, move)
    return strip.sheets


def lapses_at(stamped_at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the instant from which stamps are lost: after the last local day of those months."""
    last = add_months(local_day(stamped_at, zone), months)
    return start_of_day(last + timedelta(days=1), zone)
