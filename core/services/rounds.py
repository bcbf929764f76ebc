"""Rounds over rows that are due: one that cannot be done stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from django.db import OperationalError

from core.metrics import ROWS_SKIPPED

T = TypeVar("T")

log = structlog.get_logger(__name__)


def one_by_one(keys: Iterable[T], act: Callable[[T], int], *, what: str) -> int:
    """Act on each key in turn and add up what it did; ``what`` names the round in the log.

    A key whose act breaks is reported and skipped, until somebody mends it: the next round finds
    it again. A database that is down or too busy breaks the round, which is tried again anyway.
    """
    return sum(_tried(key, act, what) for key in keys)


def _tried(key: T, act: Callable[[T], int], what: str) -> int:
    try:
        return act(key)
    except OperationalError:
        raise
    except Exception:  # whatever is wrong with this row, the others are due as well
        log.exception("row_skipped", round=what, row=str(key))
        ROWS_SKIPPED.labels(what).inc()
        return 0
