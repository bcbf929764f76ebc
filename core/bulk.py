"""Writes very many rows at once, past the ORM, which is made for few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from django.db import connection


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows to a table in one statement; every column without a default must be named."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
    """Change many rows in one statement; each row is its id and a value per named column."""
    values = [list(column) for column in zip(*rows, strict=True)]
    if not values:
        return
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *columns.values()))
    changes = ", ".join(f"{name} = new.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS old SET {changes}"  # noqa: S608
            f" FROM unnest({arrays}) AS new(id, {', '.join(columns)}) WHERE old.id = new.id",
            values,
        )


@lru_cache(maxsize=65_536)
def text_array(texts: tuple[str, ...]) -> str:
    """Write texts as the literal of an array, as COPY reads it."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"
