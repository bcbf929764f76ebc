"""Where a list was left: a signed sign, so that page thousand is as fast as page one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core import signing
from django.db.models import Model, Q

LENGTH_MAX = 500


def write_cursor(row: Model, by: Sequence[str], *, salt: str) -> str:
    """Return a sign of the last row seen in the order ``by``."""
    return signing.dumps([_plain(getattr(row, name)) for name in _columns(by)], salt=salt)


def read_cursor(cursor: str, by: Sequence[str], *, salt: str) -> Q | None:
    """Return the condition for rows beyond the cursor; ``None`` when we did not write it.

    ``by`` names the columns of the order, all with ``-`` or all without; together they are unique.
    """
    descending = by[0].startswith("-")
    assert all(column.startswith("-") == descending for column in by), "one direction per list"
    columns = _columns(by)
    try:
        seen = signing.loads(cursor[:LENGTH_MAX], salt=salt)
    except signing.BadSignature:
        return None
    if len(seen) != len(columns):
        return None
    return _beyond(columns, seen, "lt" if descending else "gt")


def _columns(by: Sequence[str]) -> list[str]:
    return [column.lstrip("-") for column in by]


def _beyond(columns: list[str], seen: list[Any], comparison: str) -> Q:
    """Compare column by column: beyond the first, or equal to it and beyond the next."""
    condition = Q(**{f"{columns[-1]}__{comparison}": seen[-1]})
    for column, value in zip(reversed(columns[:-1]), reversed(seen[:-1]), strict=True):
        condition = Q(**{f"{column}__{comparison}": value}) | (Q(**{column: value}) & condition)
    return condition


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
