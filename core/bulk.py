"""Writes very many rows at once, past the ORM, which is made for few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from django.utils import timezone

MANY = 50
LINES_AT_ONCE = 200

ModelT = TypeVar("ModelT", bound=models.Model)


def fresh(model: type[ModelT], **values: Any) -> ModelT:
    """Make a row that is not stored yet, past its constructor, which asks each field in turn.

    Foreign keys are given as ids under their column's name, or as the row that is meant.
    """
    blank = _blank(model)
    row = model.__new__(model)
    row._state = ModelState()  # noqa: SLF001
    given = vars(row)
    given.update(blank.constants)
    for name, make in blank.made:
        given[name] = make()
    for name, column in blank.keys:
        if name in values:
            one = row._state.fields_cache[name] = values.pop(name)  # noqa: SLF001
            given[column] = None if one is None else one.pk
    given.update(values)
    return row


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


class Change(NamedTuple):
    """New values of one row that there is already."""

    table: str
    columns: tuple[str, ...]
    pk: int
    values: Sequence[Any]


def insert_linked(rows: Sequence[models.Model], changes: Sequence[Change] = ()) -> None:
    """Store a few new rows of several models and give them their ids, all in one statement.

    A row may refer to others that stand before it. The changes are made in the same statement.
    """
    places = {id(row): place for place, row in enumerate(rows)}
    stamp, shapes, values = timezone.now(), [], []
    for row in rows:
        written = _written(type(row))
        vars(row).update(dict.fromkeys(written.stamped, stamp))
        links = written.links(row, places)
        own = written.plain_values(row)
        values += [value for at, value in enumerate(own) if at not in links]
        shapes.append((type(row), tuple(links.items())))
    for change in changes:
        values += [*change.values, change.pk]
    statement = _linked(tuple(shapes), tuple((one.table, one.columns) for one in changes))
    [ids] = connections[DEFAULT_DB_ALIAS].rows(statement, values)  # type: ignore[attr-defined]  # of our backend
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding = False  # noqa: SLF001
    for row in rows:
        _written(type(row)).values(row)  # which takes over the ids of those it refers to


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
    told = [_told_alike(column) for column in zip(*rows, strict=True)]
    copy_lines(table, columns, list(map("\t".join, zip(*told, strict=True))))


def copy_lines(table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    """Append rows that are written already: a line each, its values told, with tabs between."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for first in range(0, len(lines), LINES_AT_ONCE):
            copy.write("\n".join([*lines[first : first + LINES_AT_ONCE], ""]))


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
    return "{" + ",".join([_IN_ARRAY.get(type(one), _in_array)(one) for one in values]) + "}"


@lru_cache(maxsize=65_536)
def text_array(texts: tuple[str, ...]) -> str:
    """Write texts, of which the same come again and again, as the literal of an array."""
    return array(texts)


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _in_array(value: object) -> str:
    return _quoted(str(value))


_IN_ARRAY: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "NULL",
    int: str,
    str: _quoted,
}


@dataclass(frozen=True, slots=True)
class _Blank:
    """What a new row has before anything is said of it, and which of its fields are keys."""

    constants: Mapping[str, Any]
    made: Sequence[tuple[str, Callable[[], Any]]]
    keys: Sequence[tuple[str, str]]


@cache
def _blank(model: type[models.Model]) -> _Blank:
    constants, made, keys = {}, [], []
    for field in model._meta.concrete_fields:  # noqa: SLF001
        if field.has_default() and callable(field.default):
            made.append((field.attname, field.default))
        else:
            constants[field.attname] = field.get_default()
        if isinstance(field, models.ForeignKey):
            keys.append((field.name, field.attname))
    return _Blank(constants, made, keys)


@dataclass(frozen=True, slots=True)
class _Written:
    """How new rows of a model are written: their columns, and the fields that are no plain values.

    ``keys`` are the columns of foreign keys by the names of their fields, ``odd`` says how JSON and
    arrays are written, ``texts`` where a choice may stand, which is its own kind of text.
    """

    table: str
    columns: Sequence[str]
    keys: Mapping[str, str]
    pick: Callable[[Mapping[str, Any]], Sequence[Any]]
    odd: Sequence[tuple[int, Callable[[Any], str | None]]]
    texts: Sequence[int]
    stamped: Sequence[str]
    columns_of_keys: Sequence[tuple[str, int]]

    def values(self, row: models.Model) -> list[Any]:
        """Return what the row has in each column; a row it refers to may have its id by now."""
        given = vars(row)
        related = vars(row._state).get("fields_cache")  # noqa: SLF001
        if related:
            for name, one in related.items():
                column = self.keys.get(name)
                if column is not None and one is not None and given[column] is None:
                    given[column] = one.pk
        values = list(self.pick(given))
        for place, write in self.odd:
            values[place] = write(values[place])
        return values

    def plain_values(self, row: models.Model) -> list[Any]:
        """Return the same as a statement takes them, which knows nothing of choices."""
        values = self.values(row)
        for place in self.texts:
            values[place] = _plain(values[place])
        return values

    def links(self, row: models.Model, places: Mapping[int, int]) -> dict[int, int]:
        """Return which columns refer to rows without an id, and at which place those stand."""
        related = vars(row._state).get("fields_cache", {})  # noqa: SLF001
        return {
            at: places[id(related[name])]
            for name, at in self.columns_of_keys
            if related.get(name) is not None and related[name].pk is None
        }


@cache
def _written(model: type[models.Model]) -> _Written:
    meta = model._meta  # noqa: SLF001
    fields = [one for one in meta.concrete_fields if not (one.primary_key or one.generated)]
    odd = [(place, _odd(field)) for place, field in enumerate(fields)]
    return _Written(
        table=meta.db_table,
        columns=[str(field.column) for field in fields],
        keys={one.name: one.attname for one in fields if isinstance(one, models.ForeignKey)},
        pick=itemgetter(*(field.attname for field in fields)),
        odd=[(place, write) for place, write in odd if write is not None],
        texts=[at for at, field in enumerate(fields) if isinstance(field, models.CharField)],
        stamped=[field.attname for field in fields if getattr(field, "auto_now_add", False)],
        columns_of_keys=[
            (one.name, at) for at, one in enumerate(fields) if isinstance(one, models.ForeignKey)
        ],
    )


def _odd(field: models.Field[Any, Any]) -> Callable[[Any], str | None] | None:
    if isinstance(field, models.JSONField):
        return _json
    return _array if isinstance(field, ArrayField) else None


def _insert_few(written: _Written, rows: Sequence[models.Model]) -> None:
    values: list[Any] = []
    for row in rows:
        values += written.plain_values(row)
    with connection.cursor() as cursor:
        cursor.execute(_insertion(written.table, tuple(written.columns), len(rows)), values)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk


def _insert_by_copy(written: _Written, rows: Sequence[models.Model]) -> None:
    for row, pk in zip(rows, next_ids(written.table, len(rows)), strict=True):
        row.pk = pk
    values = ([row.pk, *written.values(row)] for row in rows)
    copy_rows(written.table, ["id", *written.columns], values)


@cache
def _insertion(table: str, columns: tuple[str, ...], count: int) -> str:
    """Return the statement that inserts so many rows, composed once per process."""
    row = f"({', '.join(['%s'] * len(columns))})"
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
        f" VALUES {', '.join([row] * count)} RETURNING id"
    )


@cache
def _linked(
    shapes: tuple[tuple[type[models.Model], tuple[tuple[int, int], ...]], ...],
    changes: tuple[tuple[str, tuple[str, ...]], ...],
) -> str:
    """Return the statement that inserts such rows and makes such changes."""
    parts = []
    for place, (model, links) in enumerate(shapes):
        written, linked = _written(model), dict(links)
        values = ", ".join(
            f"(SELECT id FROM new{linked[at]})" if at in linked else "%s"  # noqa: S608
            for at in range(len(written.columns))
        )
        parts.append(
            f"new{place} AS (INSERT INTO {written.table} ({', '.join(written.columns)})"  # noqa: S608
            f" VALUES ({values}) RETURNING id)"
        )
    for place, (table, columns) in enumerate(changes):
        set_ = ", ".join(f"{name} = %s" for name in columns)
        parts.append(f"old{place} AS (UPDATE {table} SET {set_} WHERE id = %s)")  # noqa: S608
    ids = ", ".join(f"(SELECT id FROM new{place})" for place in range(len(shapes)))  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {ids}"


def next_ids(table: str, count: int) -> list[int]:
    """Draw the ids of rows to come, so that others can refer to them before they are stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(ids) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS ids"
            " OFFSET 0) AS sequence, generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _array(texts: Iterable[str]) -> str:
    return text_array(tuple(texts))


def _plain(text: str | None) -> str | None:
    return None if text is None else str(text)


def _told_alike(values: Sequence[object]) -> Sequence[str]:
    """Write the values of a column as COPY reads them; most columns have one kind of them."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        write = _TOLD.get(kinds.pop(), _told)
        return list(map(write, values))
    return [_TOLD.get(type(one), _told)(one) for one in values]


def _told(value: object) -> str:
    if isinstance(value, str):  # a choice, which is its own kind of text
        return _told_text(str(value))
    raise TypeError(f"COPY is not told how {type(value).__name__} is written")


def _told_text(text: str) -> str:
    """Write text as COPY reads it."""
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPED)


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_TOLD: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "\\N",
    str: _told_text,
    int: str,
    bool: lambda is_so: "t" if is_so else "f",
    Decimal: str,
    datetime: str,
    date: str,
    UUID: str,
}
