"""Lets several threads, each on its own connection, do something at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import DatabaseError, connection

from core.errors import Refusal


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
