"""What a connection keeps of the statements that the server has planned for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult

# A till asks some forty questions of its own, and whole numbers of another size count as others;
# the driver would forget the least used of a hundred, and the server would plan it again.
PREPARED_MAX = 300
GONE = re.compile(rb"(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")


class KeptStatements(PrepareManager):
    """Keeps prepared statements through what is rolled back, also to a savepoint.

    The driver forgets all of them then, because types and tables that were made in the transaction
    are gone with it. Nothing here makes any at work, and the server plans anew by itself what a
    change of tables concerns; so a refusal need not make the next requests plan all their questions
    again. Objects that are dropped or altered are still a reason to forget.
    """

    prepared_max = PREPARED_MAX

    def clear(self) -> bool:
        """Forget nothing, which the driver asks for at the end of every rollback."""
        return False

    def _should_discard(self, _prep: Prepare, results: Sequence[PGresult], *_: Any) -> bool:
        done = (each.command_status for each in results)
        return any(GONE.match(said) for said in done if said) and super().clear()


def keep_statements(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Give a new connection what keeps its statements; whether any are prepared stays as it was."""
    kept = KeptStatements()
    kept.prepare_threshold = connection.prepare_threshold
    connection._prepared = kept  # noqa: SLF001 - the driver has no door for it
    return connection
