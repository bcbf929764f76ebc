"""Django's PostgreSQL, which notices when a connection is gone, and when there are too few."""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

CROWDED_SECONDS = 10.0
PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 0.05
# A till asks some forty questions of its own, and whole numbers of another size count as others;
# the driver would forget the least used of a hundred, and the server would plan it again.
PREPARED_MAX = 300
FULL = ("too many clients", "connection slots are reserved", "too many connections")


class _JsonText(Loader):
    """Leaves reading JSON to the fields of models, as Django does where answers come as text."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        """Return the text after the byte that names the format's version."""
        return bytes(data)[1:].decode()


class _Crowd:
    """Remembers, for all threads of the process, until when connections are scarce."""

    until = 0.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server whether it is still there only when there is a reason to doubt it.

    Every thread keeps its connection, until the server has no more: then each gives its own back
    after every request for a while, and whoever has none waits a moment for one.
    """

    learned: dict[Any, Any]  # what is known by row versions, which another server may give again

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; wait shortly while the server says that it is full."""
        self.learned = {}
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return _with_room(super().get_new_connection(conn_params))
            except psycopg.OperationalError as refused:
                if not any(words in str(refused) for words in FULL):
                    raise
                _Crowd.until = time.monotonic() + CROWDED_SECONDS
                if time.monotonic() > end:
                    raise
                time.sleep(PAUSE_SECONDS)

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a question that is asked again and again.

        The server keeps its plan, and the connection a cursor: making one, with types and layers of
        its own for every question, takes longer than the question. Whoever listens to statements
        hears this one too, because it then goes the ordinary way.
        """
        if self.queries_logged or self.execute_wrappers:
            with self.cursor() as cursor:
                cursor.execute(sql, values)
                heard: list[tuple[Any, ...]] = cursor.fetchall()
                return heard
        self.close_if_health_check_failed()
        if self.connection is None:
            self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            reader = self._reader()
            return reader.execute(_numbered(sql), values, prepare=True, binary=True).fetchall()

    def _reader(self) -> psycopg.Cursor[tuple[Any, ...]]:
        """Return the cursor that lives as long as its connection does."""
        kept: psycopg.Cursor[tuple[Any, ...]] | None = self.__dict__.get("_kept_reader")
        if kept is None or kept.connection is not self.connection:
            kept = self._kept_reader = psycopg.RawCursor(self.connection)
            kept.adapters.register_loader("jsonb", _JsonText)
        return kept

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


@lru_cache(maxsize=1_000)
def _numbered(sql: str) -> str:
    """Write the places of values as the server does; the driver looks for them in each question."""
    first, *rest = sql.split("%s")
    numbered = (f"${place}{part}" for place, part in enumerate(rest, start=1))
    return "".join([first, *numbered]).replace("%%", "%")


def _with_room(connection: Any) -> Any:
    connection.prepared_max = PREPARED_MAX
    return connection
