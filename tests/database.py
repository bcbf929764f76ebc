"""A private PostgreSQL for one run of the tests, gone when the run ends, however it ends."""

import atexit
import os
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from core.embedded.database import database
from core.embedded.folder import brings_own_database, database_url
from core.embedded.locks import is_free

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
PREFIX = "regulars-tests-"
HOUR = 3600


def start_private_database() -> None:
    """Name a fresh database in the environment, unless the operator or a parent process did.

    Workers of pytest-xdist and servers started by tests inherit the name, so they share it.
    """
    if not brings_own_database():
        return
    _remove_what_killed_runs_left()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    running = ExitStack()
    running.callback(shutil.rmtree, folder, ignore_errors=True)
    running.enter_context(database(folder, *QUICK))
    atexit.register(running.close)
    os.environ["REGULARS_DATA"] = str(folder)
    os.environ["DATABASE_URL"] = database_url()


def goes_with_the_run() -> bool:
    """Say whether the database server is the private one, which nobody sees again."""
    return Path(os.environ.get("REGULARS_DATA", "")).name.startswith(PREFIX)


def _remove_what_killed_runs_left() -> None:
    """Remove the folders of runs that had no chance to do so themselves."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = left / "run" / "users.lock"
        old = lock.exists() and time.time() - lock.stat().st_mtime > HOUR
        if old and is_free(lock):
            shutil.rmtree(left, ignore_errors=True)
