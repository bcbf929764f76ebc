"""Reads a table of text, plain or compressed, row by row, and says clearly why it cannot."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import unicodedata
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _

from loyalty.errors import ColumnMissing, FileUnreadable
from loyalty.importing.mapping import AUTO, FileFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Record = tuple[int, list[str]]

COLUMNS_MAX = 1000
DELIMITERS = (",", ";", "\t", "|")
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BUFFER = 1 << 20
FAULTS = (OSError, EOFError, zlib.error, UnicodeError, csv.Error)


@dataclass(frozen=True, slots=True)
class Table:
    """A readable file with a header that has the columns wanted."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[Record]:
        """Return each row that is not blank with its number, as a spreadsheet counts them."""
        records = _records(self.path, self.encoding, self.delimiter)
        next(records)
        return records

    def position(self, column: str) -> int:
        """Return the place of a column."""
        return self.header.index(column)


def open_table(
    path: Path,
    written: FileFormat,
    wanted: Sequence[str],
    *,
    any_of: Sequence[str] = (),
    folded: bool = False,
) -> Table:
    """Look at the beginning of a file; refuse one without the columns wanted.

    It needs one ``any_of`` others besides. A header that is ``folded`` is compared in lower case,
    with underscores for spaces.
    """
    encoding = _detected(path) if written.encoding == AUTO else written.encoding
    marks = DELIMITERS if written.delimiter == AUTO else (written.delimiter,)
    headers = _headers(path, encoding, marks)
    if folded:
        headers = {mark: tuple(map(_folded, header)) for mark, header in headers.items()}
    spoken_of = {*wanted, *any_of}
    found = max(headers, key=lambda mark: len(spoken_of.intersection(headers[mark])))
    header = headers[found]
    missing = [column for column in wanted if column not in header]
    if any_of and not set(any_of).intersection(header):
        missing.append(" / ".join(any_of))
    if missing:
        raise ColumnMissing(
            _("The file has no column %(missing)s; it has %(found)s.")
            % {"missing": ", ".join(missing), "found": ", ".join(header[:50])},
            missing=missing,
            found=list(header[:50]),
        )
    doubled = next((column for column in spoken_of if header.count(column) > 1), None)
    if doubled is not None:
        raise FileUnreadable(_("Two columns are named %(column)s.") % {"column": doubled})
    return Table(path, encoding, found, header)


def count_rows(table: Table) -> int:
    """Read the file to its end, so that a damaged one is refused before anything is done."""
    rows = sum(1 for _row in table.rows())
    refuse_without_rows(rows)
    return rows


def refuse_without_rows(rows: int) -> None:
    """Refuse a file that is no more than its header."""
    if not rows:
        raise FileUnreadable(_("The file has a header and no rows."))


def digest_of(path: Path) -> str:
    """Fingerprint the file, so that it is recognized under any name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _headers(path: Path, encoding: str, marks: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the header as each delimiter would cut it; refuse a file that none can cut."""
    headers, refusals = {}, []
    for mark in marks:
        try:
            headers[mark] = _header(path, encoding, mark)
        except FileUnreadable as refusal:
            refusals.append(refusal)
    if not headers:
        raise refusals[0]
    return headers


def _header(path: Path, encoding: str, delimiter: str) -> tuple[str, ...]:
    first = next(_records(path, encoding, delimiter), None)
    if first is None:
        raise FileUnreadable(_("The file is empty."))
    if len(first[1]) > COLUMNS_MAX:
        raise FileUnreadable(_("The header has more than %(max)s columns.") % {"max": COLUMNS_MAX})
    return tuple(_spelled(cell) for cell in first[1])


def _folded(column: str) -> str:
    return column.casefold().replace(" ", "_").replace("-", "_")


def _spelled(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _detected(path: Path) -> str:
    try:
        with _bytes(path) as file:
            start = file.read(3)
    except FAULTS as fault:
        raise _unreadable(fault, 1, "") from fault
    marked = (name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark))
    return next(marked, "utf-8")


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    row = 0
    try:
        with _bytes(path) as file:
            text = io.TextIOWrapper(file, encoding=encoding, newline="")
            for cells in csv.reader(text, delimiter=delimiter, strict=True):
                row += 1
                if any(cells):
                    yield row, cells
    except FAULTS as fault:
        raise _unreadable(fault, row + 1, encoding) from fault


@contextmanager
def _bytes(path: Path) -> Iterator[io.BufferedReader]:
    with path.open("rb") as file:
        if file.peek(2)[:2] != GZIP:
            yield file
            return
        with gzip.open(file) as unpacked:
            yield io.BufferedReader(cast(io.RawIOBase, unpacked), BUFFER)


def _unreadable(fault: Exception, row: int, encoding: str) -> FileUnreadable:
    """Say what is wrong with the file in words that help to mend it."""
    if isinstance(fault, UnicodeError):
        sentence = _("At row %(row)s the file is not %(encoding)s. Name its encoding.")
    elif isinstance(fault, csv.Error):
        sentence = _("From row %(row)s on a quotation mark is opened and not closed.")
    elif isinstance(fault, OSError) and not isinstance(fault, gzip.BadGzipFile):
        sentence = _("The file cannot be opened: %(reason)s.")
    else:
        sentence = _("The compressed file is cut short or damaged at row %(row)s.")
    values = {"row": row, "encoding": encoding, "reason": getattr(fault, "strerror", "")}
    return FileUnreadable(sentence % values, row=row)
