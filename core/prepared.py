"""Questions composed once per process and asked again with other values.

Putting SQL together from a query set takes longer than answering it. What every request asks is
kept as text, with what makes models of its rows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.lookups import Lookup
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

ModelT = TypeVar("ModelT", bound=models.Model)
Row: TypeAlias = Sequence[Any]
Known: TypeAlias = dict[tuple[int, Any], models.Model]


class Place(models.Expression):
    """Where a value goes that is known only when the question is asked."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, *_compiler_and_connection: object) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, and itself to be replaced."""
        return "%s", (self,)


class Among(Lookup):
    """Keeps the rows whose ids are in one array: ``rows.filter(Among(F("pk"), ids))``."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison, which is the same text for any number of ids."""
        column, values = self.process_lhs(compiler, connection)
        ids, more = self.process_rhs(compiler, connection)
        return f"{column} = ANY({ids}::bigint[])", (*values, *more)


@dataclass(frozen=True, slots=True)
class _Composed(Generic[ModelT]):
    """The text of a question, the values or places in it, and what reads its rows."""

    sql: str
    values: Sequence[Any]
    read: Callable[[Row, Known], ModelT]


class Prepared(Generic[ModelT]):
    """A query set as a function of its values: ``Prepared(lambda pk: rows.filter(pk=pk))``."""

    def __init__(self, compose: Callable[..., models.QuerySet[ModelT]]) -> None:
        self.compose = compose

    def __call__(self, *values: object) -> list[ModelT]:
        """Return the rows for these values."""
        composed = self._composed
        given: list[Any] = [
            values[one.position] if isinstance(one, Place) else one for one in composed.values
        ]
        rows = connections[DEFAULT_DB_ALIAS].rows(composed.sql, given)  # type: ignore[attr-defined]  # of our backend
        known: Known = {}
        return [composed.read(row, known) for row in rows]

    def one(self, *values: object) -> ModelT | None:
        """Return the first row for these values, if there is any."""
        return next(iter(self(*values)), None)

    @cached_property
    def _composed(self) -> _Composed[ModelT]:
        count = len(inspect.signature(self.compose).parameters)
        queryset = self.compose(*map(Place, range(count)))
        compiler = queryset.query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
        sql, values = compiler.as_sql()
        return _Composed(sql, values, _reader(compiler))


def _reader(compiler: SQLCompiler) -> Callable[[Row, Known], Any]:
    """Return what makes a model of a row, with the related ones, as a query set does."""
    select, described = compiler.select, compiler.klass_info
    assert described is not None, "a prepared question returns models"
    first, last = described["select_fields"][0], described["select_fields"][-1] + 1
    names = [column.target.attname for column, _sql, _alias in select[first:last]]
    populators = get_related_populators(described, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of a later Django
    related = [_giver(one) for one in populators]
    annotated = list((compiler.annotation_col_map or {}).items())
    converters = compiler.get_converters([column for column, _sql, _alias in select])

    def read(row: Row, known: Known) -> Any:
        if converters:
            [row] = compiler.apply_converters([row], converters)
        made = described["model"].from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for name, position in annotated:
            setattr(made, name, row[position])
        for give in related:
            give(row, made, known)
        return made

    return read


def _giver(populator: RelatedPopulator) -> Callable[[Row, models.Model, Known], None]:
    """Return what gives a row the one it refers to, made once for all rows that do."""
    first, last = populator.cols_start, populator.cols_end
    related = [_giver(one) for one in populator.related_populators]

    def give(row: Row, made: models.Model, known: Known) -> None:
        pk = row[first + populator.pk_idx]
        one = known.get((first, pk))
        if one is None and pk is not None:
            one = populator.model_cls.from_db(populator.db, populator.init_list, row[first:last])
            for give_deeper in related:
                give_deeper(row, one, known)
            known[first, pk] = one
        populator.local_setter(made, one)
        if one is not None:
            populator.remote_setter(one, made)

    return give
