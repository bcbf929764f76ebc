"""Tables as text that spreadsheets read and never calculate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"  # by which spreadsheets see that it is UTF-8
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet begins to calculate


def inert(text: str) -> str:
    """Return a cell's text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the mark and the table piece by piece, so that it may be longer than memory."""
    yield MARK + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([inert(cell) for cell in cells])
    return text.getvalue()
