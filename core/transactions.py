"""Transactions that are kept or undone as one, in which services need no savepoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
T = TypeVar("T")

_is_one = ContextVar("_is_one", default=False)


@contextmanager
def as_one() -> Iterator[None]:
    """Open a transaction of which nothing stays when anything in it is refused."""
    outside = _is_one.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _is_one.reset(outside)


def atomic_part(service: Callable[P, T]) -> Callable[P, T]:
    """Make a service atomic; within ``as_one`` it goes with the whole and sets no savepoint.

    Whoever catches what such a service raised inside must not go on with the transaction.
    """

    @wraps(service)
    def run(*args: P.args, **options: P.kwargs) -> T:
        with transaction.atomic(savepoint=not _is_one.get()):
            return service(*args, **options)

    return run
