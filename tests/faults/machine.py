"""A whole installation to break: a database of its own, a broker, a worker, and web servers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from core.embedded.account import dying_with_parent
from core.embedded.broker import broker_command
from core.embedded.database import database
from core.embedded.folder import broker_socket, socket_folder
from core.embedded.programs import postgres_programs
from core.services.grants import grant
from tests.server import PROJECT, database_url_of_tests, serving

CONNECTIONS_MAX = 20
APP = "regulars_app"
SETTINGS = "tests.faults.settings"
HEARD = "CREATE TABLE faults_heard (id bigserial, event_id uuid NOT NULL, kind text NOT NULL)"


class Machine:
    """The parts of an installation, each with the ways in which it can fail."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.sockets = socket_folder(data)
        self.url = f"postgresql://{APP}@/regulars?host={self.sockets}"
        self.trigger = data / "trigger"
        self.worker_log = data / "worker.log"
        self.web_log = data / "web.log"
        self.broker: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.running = ExitStack()
        self.web = ""
        self.said_before = 0

    def environment(self, *faults: str) -> dict[str, str]:
        """Return what tells a child process where things are, and how it is broken."""
        return {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "CELERY_BROKER_URL": f"redis+socket://{broker_socket(self.data)}",
            "REGULARS_DATA": str(self.data),
            "REGULARS_FAULTS": ",".join(["hear_everything", *faults]),
            "REGULARS_FAULT_BEAT": "core.relay_events",
            "REGULARS_FAULT_TRIGGER": str(self.trigger),
        }

    @contextmanager
    def serving(
        self, *faults: str, options: tuple[str, ...] = (), threads: int = 4, **more: str
    ) -> Iterator[str]:
        """Run one more web server on this database, broken in a way."""
        variables = {**self.environment(*faults), **more}
        variables["settings"] = variables.pop("DJANGO_SETTINGS_MODULE")
        with serving(self.web_log, *options, threads=threads, **variables) as address:  # type: ignore[arg-type]
            yield address

    def said(self) -> str:
        """Return what web servers have written since the test began."""
        return self.web_log.read_bytes()[self.said_before :].decode(errors="replace")

    def begin(self) -> None:
        """Forget what came before: a test begins."""
        self.said_before = self.web_log.stat().st_size

    def start_broker(self) -> None:
        """Start the broker; nothing it knew before is there."""
        self.broker = subprocess.Popen(
            broker_command(self.data),
            stdout=subprocess.DEVNULL,
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 it only asks the kernel
        )
        wait_until(broker_socket(self.data).exists)

    def stop_broker(self) -> None:
        """Take the broker away."""
        assert self.broker is not None
        self.broker.kill()
        self.broker.wait()
        broker_socket(self.data).unlink(missing_ok=True)

    def start_worker(self) -> None:
        """Start a worker with its clock, in a process group of its own."""
        command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--beat"]
        command += ["--schedule", str(self.data / "beat"), "--concurrency", "1"]
        command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        with self.worker_log.open("ab") as log:
            self.worker = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**os.environ, **self.environment()},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 it only asks the kernel
            )

    def kill_worker(self) -> None:
        """Kill the worker and all its children at once."""
        if self.worker is not None and self.worker.poll() is None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()

    def stop_database(self, how: signal.Signals) -> None:
        """Stop the server, gently or at once; its keeper starts it again."""
        words = (self.data / "postgres" / "postmaster.pid").read_text().split()
        os.kill(int(words[0]), how)

    def answers(self) -> bool:
        """Say whether the database takes questions."""
        try:
            self.sql("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def sql(self, question: str, *values: Any) -> list[Any]:
        """Ask as the superuser, on a connection that is gone afterwards."""
        with self.line() as line:
            done = line.execute(question, values)  # type: ignore[arg-type]
            return done.fetchall() if done.description else []

    def line(self) -> psycopg.Connection[Any]:
        """Return a connection of the superuser's, for whom a place is always kept."""
        where = f"postgresql://regulars@/regulars?host={self.sockets}"
        return psycopg.connect(where, autocommit=True, connect_timeout=5)

    def waiting_events(self) -> int:
        """Count the events that were not handed on yet."""
        question = "SELECT count(*) FROM core_outboxevent WHERE sent_at IS NULL"
        count: int = self.sql(question)[0][0]
        return count

    def heard(self) -> list[tuple[str, int]]:
        """Return how often each event was heard, by kind and count, without repetition."""
        question = """
            SELECT DISTINCT event.kind, count(heard.id) FROM core_outboxevent event
            LEFT JOIN faults_heard heard USING (event_id)
            WHERE event.kind IN ('points.earn', 'purchase.recorded')
            GROUP BY event.kind, event.id ORDER BY 1, 2
        """
        return self.sql(question)


@contextmanager
def machine(data: Path) -> Iterator[Machine]:
    """Have an installation whose product connects as a role that owns nothing."""
    tables = _dump_of_tables()
    made = Machine(data)
    with database(data, f"max_connections={CONNECTIONS_MAX}"), made.running:
        made.sql(f"CREATE ROLE {APP} LOGIN")
        _load(made, tables)
        made.sql(HEARD)
        with looking_at(made):
            grant(app=APP)
        made.start_broker()
        made.running.callback(made.stop_broker)
        made.start_worker()
        made.running.callback(made.kill_worker)
        made.web = made.running.enter_context(made.serving())
        yield made


def wait_until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Return when something is so, and fail when it does not become so."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, happens
        time.sleep(0.05)


@contextmanager
def looking_at(made: Machine) -> Iterator[None]:
    """Let this process's own connection lead there, as the superuser's."""
    before = dict(connection.settings_dict)
    here = {"HOST": str(made.sockets), "NAME": "regulars", "USER": "regulars", "PASSWORD": ""}
    connection.close()
    connection.settings_dict.update(here, PORT="")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _dump_of_tables() -> bytes:
    """Return the tables of the tests' database, which takes a second where migrating takes many."""
    dump = [shutil.which("pg_dump", path=_programs()) or "pg_dump", "--no-owner", "--no-privileges"]
    url = database_url_of_tests()
    shapes = subprocess.run([*dump, "--schema-only", url], capture_output=True, check=True)
    applied = subprocess.run(
        [*dump, "--data-only", "-t", "django_migrations", url], capture_output=True, check=True
    )
    return shapes.stdout + applied.stdout


def _load(made: Machine, tables: bytes) -> None:
    psql = shutil.which("psql", path=_programs()) or "psql"
    where = f"postgresql://regulars@/regulars?host={made.sockets}"
    command = [psql, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", where]
    subprocess.run(command, input=tables, check=True, stdout=subprocess.DEVNULL)


def _programs() -> str:
    return str(postgres_programs().folder)
