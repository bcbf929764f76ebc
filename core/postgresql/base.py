"""Django's PostgreSQL, which notices when a connection is gone, and when there are too few."""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

CROWDED_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 0.05
FULL = ("too many clients", "connection slots are reserved", "too many connections")


class _Crowd:
    """Remembers, for all threads of the process, until when connections are scarce."""

    until = 0.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server whether it is still there only when there is a reason to doubt it.

    Every thread keeps its connection, until the server has no more: then each gives its own back
    after every request for a while, and whoever has none waits a moment for one.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; wait shortly while the server says that it is full."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError as refused:
                if not any(words in str(refused) for words in FULL):
                    raise
                _Crowd.until = time.monotonic() + CROWDED_SECONDS
                if time.monotonic() > end:
                    raise
                time.sleep(PAUSE_SECONDS)

    def close_if_unusable_or_obsolete(self) -> None:
        """Keep the connection after a request, unless others wait for one."""
        if time.monotonic() < _Crowd.until and not self.in_atomic_block:
            self.close()
        else:
            super().close_if_unusable_or_obsolete()

    def is_usable(self) -> bool:
        """Say whether the connection works.

        A server that goes away closes its end, and nobody sends anything to a connection at rest;
        so one with nothing to read needs no question, which every request would wait for.
        """
        if self.connection is None or self.connection.closed:
            return False
        at_rest = select.poll()
        at_rest.register(self.connection.fileno(), select.POLLIN)
        return not at_rest.poll(0) or super().is_usable()
