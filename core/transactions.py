"""Transactions that are kept or undone as one, in which services need no savepoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

from django.db import transaction

P = ParamSpec("P")
T = TypeVar("T")
Write: TypeAlias = Callable[[list[Any]], None]

_whole: ContextVar[dict[Write, list[Any]] | None] = ContextVar("_whole", default=None)
_depth: ContextVar[int] = ContextVar("_depth", default=0)


@contextmanager
def as_one() -> Iterator[None]:
    """Open a transaction of which nothing stays when anything in it is refused."""
    waiting: dict[Write, list[Any]] = defaultdict(list)
    outside = _whole.set(waiting)
    try:
        with transaction.atomic():
            above = _depth.set(len(transaction.get_connection().savepoint_ids))
            try:
                yield
                _write_what_waits(waiting)
            finally:
                _depth.reset(above)
    finally:
        _whole.reset(outside)


def within_one() -> bool:
    """Say whether all that is done now is kept or undone as one."""
    return _whole.get() is not None


def write_with_the_whole(write: Write, rows: Iterable[Any]) -> None:
    """Write rows that nobody reads before the commit: within ``as_one`` at its end, all at once.

    What can be undone without the whole, because it lies within a savepoint, is written at once.
    """
    waiting = _whole.get()
    if waiting is None or any(transaction.get_connection().savepoint_ids[_depth.get() :]):
        write(list(rows))
    else:
        waiting[write].extend(rows)


def _write_what_waits(waiting: dict[Write, list[Any]]) -> None:
    if transaction.get_rollback():  # what was refused is not told either
        return
    for write, rows in waiting.items():
        write(rows)


def atomic_part(service: Callable[P, T]) -> Callable[P, T]:
    """Make a service atomic; within ``as_one`` it goes with the whole and sets no savepoint.

    Whoever catches what such a service raised inside must not go on with the transaction.
    """

    @wraps(service)
    def run(*args: P.args, **options: P.kwargs) -> T:
        with transaction.atomic(savepoint=not within_one()):
            return service(*args, **options)

    return run
