"""Reads the rows of a file of balances: whose points, how many, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.errors import InvalidInput
from core.text import ascii_digits
from loyalty.importing.cells import quoted, text_of
from loyalty.importing.mapping import FileFormat
from loyalty.importing.reading import open_table
from loyalty.importing.reasons import Unfit
from members.signs import SIGNS, Signs, read_signs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from loyalty.importing.reading import Record, Table

POINTS, ENDS, NOTE = "points", "expires_on", "note"
ROW_POINTS_MAX = 1_000_000_000
NOTE_LENGTH_MAX = 200
LONGEST = timedelta(days=36_525)


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One row that can be used."""

    number: int
    signs: Signs
    points: int
    ends: date | None
    note: str


def open_balances(path: Path) -> Table:
    """Look at the beginning of a file; refuse one that names nobody or no points."""
    return open_table(path, FileFormat(), [POINTS], any_of=SIGNS, folded=True)


class BalanceReader:
    """Reads rows as the header of their file orders them."""

    def __init__(self, table: Table, *, region: str | None, today: date) -> None:
        self._columns = {
            name: table.position(name)
            for name in (*SIGNS, POINTS, ENDS, NOTE)
            if name in table.header
        }
        self._width = len(table.header)
        self._region = region
        self._today = today

    def read(self, record: Record) -> BalanceRow:
        """Return the row, or raise ``Unfit``."""
        number, cells = record
        if len(cells) != self._width:
            raise Unfit("ragged_row", cells=len(cells), columns=self._width)
        row = {name: cells[place] for name, place in self._columns.items()}
        return BalanceRow(
            number=number,
            signs=self._signs(row),
            points=_points(row[POINTS]),
            ends=self._ends(row.get(ENDS, "")),
            note=text_of(row.get(NOTE, ""), NOTE_LENGTH_MAX),
        )

    def _signs(self, row: Mapping[str, str]) -> Signs:
        try:
            signs = read_signs(row, region=self._region)
        except InvalidInput as refusal:
            raise Unfit.like(refusal) from refusal
        if not signs:
            raise Unfit("member_missing")
        return signs

    def _ends(self, typed: str) -> date | None:
        text = ascii_digits(typed.strip())
        if not text:
            return None
        try:
            day = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            day = None
        if day is None:
            raise Unfit("not_a_day", text=quoted(typed))
        if day < self._today:
            raise Unfit("already_ended")
        if day > self._today + LONGEST:
            raise Unfit("day_too_far")
        return day


def _points(typed: str) -> int:
    text = ascii_digits(typed.strip())
    if not text.removeprefix("-").isdecimal():
        raise Unfit("not_a_number", text=quoted(typed))
    # Longer than any number of points, and not to be made into a number at all.
    if len(text.lstrip("-0")) > len(str(ROW_POINTS_MAX)):
        raise Unfit("points_negative" if text.startswith("-") else "points_too_many")
    points = int(text)
    if points < 0:
        raise Unfit("points_negative")
    if points == 0:
        raise Unfit("points_zero")
    if points > ROW_POINTS_MAX:
        raise Unfit("points_too_many")
    return points
