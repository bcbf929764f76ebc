"""One PostgreSQL cluster in a data folder: make it, start it, stop it."""

import locale
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from core.embedded.account import (
    OPEN_FILES,
    Account,
    account_for,
    dying_with_parent,
    give,
    reachable,
    stepping_down,
)
from core.embedded.errors import NotYours
from core.embedded.folder import socket_folder
from core.embedded.installation import installed_for
from core.embedded.locks import is_free, lock_file, try_lock
from core.embedded.programs import postgres_programs
from core.embedded.sockets import close_socket_folder, open_socket_folder

PATIENCE = 60
ENVIRONMENT = {"PATH": os.defpath, "LC_MESSAGES": "C", "TZ": "UTC"}


class Cluster:
    """The database files of one data folder and the server that works on them."""

    def __init__(self, data: Path, settings: tuple[str, ...] = ()) -> None:
        self.data = data
        self.settings = settings
        self.files = data / "postgres"
        self.sockets = socket_folder(data)
        self.lock = data / "run" / "postgres.lock"

    @property
    def exists(self) -> bool:
        """Tell whether the cluster has been made."""
        return (self.files / "PG_VERSION").is_file()

    def programs(self) -> Path:
        """Return the programs for this cluster; one once made keeps its major version."""
        version = self.files / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        return installed_for(postgres_programs(major), account_for(self.files))

    def make(self, log: IO[bytes]) -> None:
        """Make an empty cluster with our database in it, all or nothing."""
        draft = self.data / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = account_for(self.files)
        give(draft, account)
        programs = self.programs()
        with reachable(draft) as (name, handles):
            context = {"pass_fds": handles, "stdout": log, "stderr": log}
            initdb = [str(programs / "initdb"), "-D", str(name), *self._nature()]
            _run(initdb, account, **context)
            alone = [str(programs / "postgres"), "--single", "-D", str(name), "postgres"]
            _run(alone, account, input=b"CREATE DATABASE regulars;\n", **context)
        draft.rename(self.files)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; a server that was left behind is stopped before."""
        account = account_for(self.files)
        give(self.files, account)
        self.end_leftover()
        open_socket_folder(self.data, account)
        programs = self.programs()
        lock = lock_file(self.lock)
        try_lock(lock)
        try:
            with reachable(self.files) as (name, handles):
                return subprocess.Popen(  # noqa: S603 the program was found on this machine
                    [programs / "postgres", "-D", name, *self._options()],
                    cwd="/",
                    env=ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock, *handles],
                    start_new_session=True,
                    preexec_fn=dying_with_parent(signal.SIGINT),  # noqa: PLW1509 one thread only
                    **stepping_down(account),
                )
        finally:
            os.close(lock)

    def end_leftover(self) -> None:
        """Stop a server whose keeper was killed, and forget one that no longer runs.

        A living server of ours holds the lock. The process id in postmaster.pid alone proves
        nothing: after a reset, or in a copied folder, it may belong to anybody.
        """
        pid = self._recorded_pid()
        end = time.monotonic() + PATIENCE
        while not is_free(self.lock):
            if time.monotonic() > end:
                raise NotYours(f"A server (process {pid}) still works on {self.files}. Stop it.")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT) if pid else None
            time.sleep(0.1)
        if not self._is_at_work(pid):
            for stale in (self.files / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
                stale.unlink(missing_ok=True)

    def stop(self, server: subprocess.Popen[bytes]) -> None:
        """Close all connections and shut down; if that takes too long, recovery must do."""
        for word in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            server.send_signal(word)
            with suppress(subprocess.TimeoutExpired):
                server.wait(PATIENCE)
                break
        close_socket_folder(self.data)

    def _nature(self) -> list[str]:
        """Return what a cluster is made with; the private socket folder is its only door."""
        hurried = ["--no-sync"] if "fsync=off" in self.settings else []
        made_as = ["--username=regulars", "--auth=trust", "--encoding=UTF8", *hurried]
        return [*made_as, f"--locale={_locale()}"]

    def _options(self) -> list[str]:
        """Return the server's command line; it listens on its socket only."""
        fixed = ("listen_addresses=", f"unix_socket_directories={self.sockets}", "port=5432")
        return [word for each in (*fixed, *self.settings) for word in ("-c", each)]

    def _recorded_pid(self) -> int:
        """Return the process the cluster believes to be its server, or 0."""
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int((self.files / "postmaster.pid").read_text().splitlines()[0])
        return 0

    def _is_at_work(self, pid: int) -> bool:
        """Tell whether a process works inside our files, such as a server somebody else started."""
        if pid and not OPEN_FILES.exists():
            return True
        with suppress(OSError):
            return Path(f"/proc/{pid}/cwd").samefile(self.files)
        return False


def _locale() -> str:
    """Return a locale that knows the letters of all scripts, where there is one."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with suppress(locale.Error):
            before = locale.setlocale(locale.LC_CTYPE)
            locale.setlocale(locale.LC_CTYPE, name)
            locale.setlocale(locale.LC_CTYPE, before)
            return name
    return "C"


def _run(command: list[str], account: Account, **context: Any) -> None:
    """Run one of PostgreSQL's programs to its end."""
    subprocess.run(  # noqa: S603 the program was found on this machine
        command, cwd="/", env=ENVIRONMENT, check=True, **context, **stepping_down(account)
    )
