"""Fixtures that tests of every app use."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.database import goes_with_the_run
from tests.server import live_gunicorn, server_log, shared_server

__all__ = ["django_db_keepdb", "django_db_setup", "live_gunicorn", "server_log", "shared_server"]

END_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Drop no database of a server that is gone with the run; dropping waits for its disk."""
    return bool(request.config.getvalue("reuse_db")) or goes_with_the_run()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Let nobody keep the database from being dropped: tests kill processes in mid-sentence."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(END_OTHERS)
