"""Writes very many rows at once, past the ORM, which is made for few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

MANY = 50


def insert_many(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model and give them their ids; many take the fast way."""
    if not rows:
        return
    model = type(rows[0])
    if len(rows) < MANY:
        _insert_few(model, rows)
        return
    meta = model._meta  # noqa: SLF001
    fields = [field for field in meta.concrete_fields if not field.generated]
    stamped = [field.attname for field in fields if getattr(field, "auto_now_add", False)]
    stamps = dict.fromkeys(stamped, timezone.now())
    for row, pk in zip(rows, _next_ids(meta.db_table, len(rows)), strict=True):
        row.pk = pk
        vars(row).update(stamps)
    columns = {str(field.column): _value_of(field) for field in fields}
    values = list(columns.values())
    copy_rows(meta.db_table, list(columns), ([value(row) for value in values] for row in rows))
    for row in rows:
        row._state.adding = False  # noqa: SLF001


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


def _insert_few(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    columns = _columns_of(model)
    values: list[Any] = [value(row) for row in rows for value in columns.values()]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(model, len(rows)), values)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding = False  # noqa: SLF001


@cache
def _columns_of(model: type[models.Model]) -> dict[str, Callable[[models.Model], object]]:
    """Return the columns that a new row of the model is written with, and what reads each."""
    fields = model._meta.concrete_fields  # noqa: SLF001
    written = [field for field in fields if not (field.primary_key or field.generated)]
    return {str(field.column): partial(_prepared, field) for field in written}


@cache
def _insertion(model: type[models.Model], count: int) -> str:
    """Return the statement that inserts so many rows, composed once per process."""
    columns = _columns_of(model)
    arrays = {
        str(field.column): f"%s::{field.db_type(connection)}"
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, ArrayField)
    }
    row = ", ".join(arrays.get(column, "%s") for column in columns)
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"  # noqa: S608, SLF001
        f" VALUES {', '.join([f'({row})'] * count)} RETURNING id"
    )


def _prepared(field: models.Field[Any, Any], row: models.Model) -> object:
    """Return what the database is given for a field, as the ORM would."""
    if isinstance(field, models.ForeignKey):
        _key(field.name, field.attname, row)
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


def _next_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _value_of(field: models.Field[Any, Any]) -> Callable[[models.Model], object]:
    """Return what reads the field of a row as COPY takes it."""
    if isinstance(field, models.ForeignKey):
        return partial(_key, field.name, field.attname)
    if isinstance(field, models.JSONField):
        return lambda row: json.dumps(getattr(row, field.attname))
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


def _plain(text: str | None) -> str | None:
    return None if text is None else str(text)
