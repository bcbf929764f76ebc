"""A private PostgreSQL for one run of the tests, gone when the run ends, however it ends."""

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from core.embedded.database import database
from core.embedded.folder import database_url

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def start_private_database() -> None:
    """Name a fresh database in the environment, unless the operator or a parent process did.

    Workers of pytest-xdist and servers started by tests inherit the name, so they share it.
    """
    if "DATABASE_URL" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="regulars-tests-")).resolve()
    running = ExitStack()
    running.callback(shutil.rmtree, folder, ignore_errors=True)
    running.enter_context(database(folder, *QUICK))
    atexit.register(running.close)
    os.environ["REGULARS_DATA"] = str(folder)
    os.environ["DATABASE_URL"] = database_url()
