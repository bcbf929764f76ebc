"""Which rows make one receipt: those of one number that stand together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loyalty.importing.reading import Record

LINES_MAX = 5_000


@dataclass(slots=True)
class Group:
    """The rows of one receipt number; a row whose number cannot be told stands alone."""

    number: str
    rows: list[Record] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Take one more row; beyond what a receipt may have, only its number is remembered."""
        self.rows.append(record if len(self.rows) < LINES_MAX else (record[0], []))


def grouped(rows: Iterable[Record], column: int) -> Iterator[Group]:
    """Return the rows receipt by receipt, in the order of the file."""
    group: Group | None = None
    for record in rows:
        cells = record[1]
        number = cells[column].strip() if column < len(cells) else ""
        if group is None or number != group.number or not number:
            if group is not None:
                yield group
            group = Group(number)
        group.add(record)
    if group is not None:
        yield group
