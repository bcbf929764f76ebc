"""Lists of members as shops keep them: a table whose first column says who each one is."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from members.errors import GroupFileUnreadable
from members.phones import typed_digits

BYTES_MAX = 1_000_000
ROWS_MAX = 5_000
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class SignRow:
    """A row of the file, counted from one, and the phone, card number or e-mail in it."""

    number: int
    text: str


def read_signs(data: bytes) -> list[SignRow]:
    """Return what each row says first, without empty rows and a row of headings."""
    if len(data) > BYTES_MAX:
        raise GroupFileUnreadable(rows=ROWS_MAX)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GroupFileUnreadable(rows=ROWS_MAX) from None
    rows = list(_rows(text))
    if rows and rows[0].number == 1 and not _is_sign(rows[0].text):
        rows = rows[1:]
    if not rows or len(rows) > ROWS_MAX:
        raise GroupFileUnreadable(rows=ROWS_MAX)
    return rows


def _rows(text: str) -> Iterator[SignRow]:
    first_line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    try:
        for number, cells in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
            said = cells[0].strip() if cells else ""
            if said:
                yield SignRow(number, said)
    except csv.Error:
        raise GroupFileUnreadable(rows=ROWS_MAX) from None


def _is_sign(text: str) -> bool:
    return "@" in text or bool(typed_digits(text))
