"""Wakes a worker after a commit, so that people need not wait for the next periodic round.

Nothing rests on it: what is due stands in rows. A request only sets a flag; one thread per process
talks to the broker, at most once a second for each task, and gives up quietly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from celery import current_app
from django.db import transaction

PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 1.0


class Bell:
    """Remembers which tasks were asked for, and sends their names from a thread of its own."""

    def __init__(self, send: Callable[[str], None], *, pause: float = PAUSE_SECONDS) -> None:
        self._send = send
        self._pause = pause
        self._wanted: set[str] = set()
        self._rung = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self, task: str) -> None:
        """Ask for a task; returns at once."""
        self._wanted.add(task)
        self._rung.set()
        with self._starting:
            # A process that was forked off has the flag, and not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="nudges", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            wanted, self._wanted = self._wanted, set()
            for task in wanted:
                # The periodic round finds what is due in any case.
                with suppress(Exception):
                    self._send(task)
            time.sleep(self._pause)


def nudge(task: str) -> None:
    """Have a worker look for due rows once the current transaction is committed."""
    # A lambda, because Django cannot name a partial that fails.
    transaction.on_commit(lambda: _bell.ring(task), robust=True)


def _tell_broker(task: str) -> None:
    with current_app.connection_for_write(connect_timeout=TIMEOUT_SECONDS) as line:
        current_app.send_task(task, connection=line, ignore_result=True, retry=False)


_bell = Bell(_tell_broker)
