"""Writes very many rows at once, past the ORM, which is made for few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import chain
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

MANY = 50


def insert_many(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model and give them their ids: few in one statement, many by COPY."""
    if not rows:
        return
    written = _written(type(rows[0]))
    stamps = dict.fromkeys(written.stamped, timezone.now())
    for row in rows:
        vars(row).update(stamps)
    if len(rows) < MANY:
        _insert_few(written, rows)
    else:
        _insert_by_copy(written, rows)
    for row in rows:
        row._state.adding = False  # noqa: SLF001


def append_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Append rows whose ids nobody asks for; few in one statement, many by COPY."""
    if not rows:
        return
    if len(rows) >= MANY:
        copy_rows(table, columns, rows)
        return
    with connection.cursor() as cursor:
        statement = _insertion(table, tuple(columns), len(rows))
        cursor.execute(statement, list(chain.from_iterable(rows)))


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows to a table in one statement; every column without a default must be named."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
    """Change many rows in one statement; each row is its id and a value per named column."""
    changed = list(rows)
    if len(changed) == 1:
        _update_one(table, tuple(columns), changed[0])
    elif changed:
        _update_many(table, columns, changed)


def _update_one(table: str, columns: Sequence[str], row: Sequence[Any]) -> None:
    changes = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        statement = f"UPDATE {table} SET {changes} WHERE id = %s"  # noqa: S608
        cursor.execute(statement, [*row[1:], row[0]])


def _update_many(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
    values = [array(column) for column in zip(*rows, strict=True)]
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *columns.values()))
    changes = ", ".join(f"{name} = new.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS old SET {changes}"  # noqa: S608
            f" FROM unnest({arrays}) AS new(id, {', '.join(columns)}) WHERE old.id = new.id",
            values,
        )


def array(values: Iterable[object]) -> str:
    """Write values as the literal of an array, which the driver takes much longer for."""
    return "{" + ",".join(["NULL" if one is None else _quoted(str(one)) for one in values]) + "}"


@lru_cache(maxsize=65_536)
def text_array(texts: tuple[str, ...]) -> str:
    """Write texts, of which the same come again and again, as the literal of an array."""
    return array(texts)


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


@dataclass(frozen=True, slots=True)
class _Written:
    """How new rows of a model are written: what reads each column, and what holds the moment."""

    table: str
    columns: Mapping[str, Callable[[models.Model], object]]
    stamped: Sequence[str]


@cache
def _written(model: type[models.Model]) -> _Written:
    meta = model._meta  # noqa: SLF001
    fields = [one for one in meta.concrete_fields if not (one.primary_key or one.generated)]
    return _Written(
        table=meta.db_table,
        columns={str(field.column): _value_of(field) for field in fields},
        stamped=[field.attname for field in fields if getattr(field, "auto_now_add", False)],
    )


def _insert_few(written: _Written, rows: Sequence[models.Model]) -> None:
    values: list[Any] = [read(row) for row in rows for read in written.columns.values()]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(written.table, tuple(written.columns), len(rows)), values)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk


def _insert_by_copy(written: _Written, rows: Sequence[models.Model]) -> None:
    for row, pk in zip(rows, _next_ids(written.table, len(rows)), strict=True):
        row.pk = pk
    reads = list(written.columns.values())
    values = ([row.pk, *(read(row) for read in reads)] for row in rows)
    copy_rows(written.table, ["id", *written.columns], values)


@cache
def _insertion(table: str, columns: tuple[str, ...], count: int) -> str:
    """Return the statement that inserts so many rows, composed once per process."""
    row = f"({', '.join(['%s'] * len(columns))})"
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
        f" VALUES {', '.join([row] * count)} RETURNING id"
    )


def _next_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _value_of(field: models.Field[Any, Any]) -> Callable[[models.Model], object]:
    """Return what reads the field of a row as PostgreSQL takes it, also by COPY."""
    if isinstance(field, models.ForeignKey):
        return partial(_key, field.name, field.attname)
    if isinstance(field, models.JSONField):
        return lambda row: _json(getattr(row, field.attname))
    if isinstance(field, ArrayField):
        return lambda row: text_array(tuple(getattr(row, field.attname)))
    if isinstance(field, models.CharField):
        # A choice is its own kind of text, and COPY knows plain text only.
        return lambda row: _plain(getattr(row, field.attname))
    return attrgetter(field.attname)


def _key(name: str, attname: str, row: models.Model) -> object:
    key = getattr(row, attname)
    if key is None and name in row._state.fields_cache:  # noqa: SLF001
        related = getattr(row, name)
        key = None if related is None else related.pk
        setattr(row, attname, key)
    return key


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _plain(text: str | None) -> str | None:
    return None if text is None else str(text)
