"""Lets several threads, each on its own connection, do something at the same moment."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection

from core import locking
from core.errors import Refusal

PAUSE_SECONDS = 0.3  # longer than contestants are apart on a busy machine


def race(*contestants: Callable[[], Any]) -> list[Any]:
    """Return each contestant's result, or what it was refused with, in the order given."""
    start = Barrier(len(contestants), timeout=10)

    def run(contestant: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return contestant()
        except (Refusal, DatabaseError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(contestants)) as threads:
        return list(threads.map(run, contestants))


def seen(attempt: Callable[[int], bool], *, tries: int = 20) -> bool:
    """Say whether a race shows in any of so many attempts, each told its number."""
    return any(attempt(serial) for serial in range(tries))


def forget_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read rows without locking them, and dawdle after: the control of a race that locks decide."""

    def read_all(model: Any, pks: Any, *related: str, **conditions: Any) -> dict[int, Any]:
        rows = model._default_manager.filter(pk__in=set(pks), **conditions)
        found = {row.pk: row for row in (rows.select_related(*related) if related else rows)}
        time.sleep(PAUSE_SECONDS)
        return found

    def read_one(model: Any, pk: int, *related: str) -> Any:
        return read_all(model, [pk], *related)[pk]

    def dawdle(_model: Any, _pks: Any) -> None:
        time.sleep(PAUSE_SECONDS)

    _replace_everywhere(monkeypatch, locking.lock_rows, dawdle)
    _replace_everywhere(monkeypatch, locking.lock_all, read_all)
    _replace_everywhere(monkeypatch, locking.lock_those, read_all)
    _replace_everywhere(monkeypatch, locking.lock_one, read_one)


def _replace_everywhere(monkeypatch: pytest.MonkeyPatch, original: Any, replacement: Any) -> None:
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is original:
                monkeypatch.setattr(module, name, replacement)
