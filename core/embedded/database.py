"""Have the data folder's own database running for as long as it is needed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from core.embedded.account import open_data_folder
from core.embedded.cluster import Cluster
from core.embedded.errors import DatabaseDown
from core.embedded.folder import PROJECT, socket_folder
from core.embedded.locks import is_free, locked, try_lock, unlock
from core.embedded.logs import log_tail, open_log

PATIENCE = 300
KEEPERS: dict[Path, subprocess.Popen[bytes]] = {}  # those we started; they may outlive us


@contextmanager
def database(data: Path, *settings: str) -> Iterator[None]:
    """Share the folder's database during the body; the first starts it, the last stops it."""
    open_data_folder(data)
    with locked(data / "run" / "users.lock", shared=True) as membership:
        try:
            _ensure_running(data, *settings)
            yield
        finally:
            _leave(membership, data)


def _ensure_running(data: Path, *settings: str) -> None:
    """Return when the server answers, having started it if nobody else did."""
    end = time.monotonic() + PATIENCE
    keeper = None
    with locked(data / "run" / "start.lock"):
        while is_free(data / "run" / "keeper.lock") or not answers(data):
            if keeper is None and is_free(data / "run" / "keeper.lock"):
                keeper = _start_keeper(data, settings)
            if time.monotonic() > end or (keeper and keeper.poll() is not None):
                raise DatabaseDown(log_tail(data, "postgres"))
            time.sleep(0.05)


def answers(data: Path) -> bool:
    """Tell whether the server takes connections."""
    try:
        psycopg.connect(
            host=str(socket_folder(data)),
            port=5432,
            user="regulars",
            dbname="regulars",
            connect_timeout=5,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _start_keeper(data: Path, settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start the process that keeps the server, out of reach of our terminal's ctrl-C."""
    with open_log(data, "postgres") as log:
        cluster = Cluster(data, settings)
        cluster.programs()  # refuses in words before anything starts
        if not cluster.exists:
            _make(cluster)
        cluster.end_leftover()
        keeper = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", "core.embedded.keeper", str(data), *settings],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    KEEPERS[data] = keeper
    return keeper


def _make(cluster: Cluster) -> None:
    """Make the cluster, or say what its maker said."""
    try:
        with open_log(cluster.data, "postgres") as log:
            cluster.make(log)
    except (OSError, subprocess.CalledProcessError) as failure:
        raise DatabaseDown(log_tail(cluster.data, "postgres") or str(failure)) from failure


def _leave(membership: int, data: Path) -> None:
    """Stop needing the server; the last to leave waits until it is down."""
    while not is_free(data / "run" / "keeper.lock") and not _others_stay(membership):
        unlock(membership)
        time.sleep(0.05)
    if data in KEEPERS and is_free(data / "run" / "keeper.lock"):
        KEEPERS.pop(data).wait()


def _others_stay(membership: int) -> bool:
    """Tell whether somebody else needs the server; while it stops, the lock cannot be shared."""
    if not try_lock(membership, shared=True) or try_lock(membership):
        return False
    return try_lock(membership, shared=True)  # in the moment between, it may have begun to stop


class OwnDatabase:
    """The folder's database as the supervisor sees it; its keeper starts and stops the server."""

    name = "postgres"

    def __init__(self, data: Path) -> None:
        self.data = data

    def start(self) -> None:
        """Return when the server answers."""
        _ensure_running(self.data)

    def died(self) -> bool:
        """Tell whether the keeper is gone."""
        return is_free(self.data / "run" / "keeper.lock")

    def last_words(self) -> str:
        """Return the end of the log."""
        return log_tail(self.data, self.name)
