"""What can be broken in the nights that workers carry organizations through."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.services import nights
from loyalty.services import due

CHUNK = 4
PAUSE_SECONDS = 0.2


def small_chunks() -> None:
    """End the points of few accounts at a time, and dawdle before each commit."""
    original = due.expire_chunk

    def chunk(**options: Any) -> int | None:
        reached = original(**options, chunk=CHUNK)
        time.sleep(PAUSE_SECONDS)
        return reached

    due.expire_chunk = chunk


def forget_who_is_at_it() -> None:
    """Let everybody believe to be alone with a night."""

    @contextmanager
    def alone(_name: str, *, patience: float) -> Iterator[bool]:
        yield True

    nights.only_one = alone
