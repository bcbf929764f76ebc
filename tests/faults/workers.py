"""Real workers and schedulers on the test database, with a broker of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from celery import Celery
from redis import Redis, RedisError

from core.embedded.broker import NOTHING_KEPT
from core.embedded.programs import broker_program
from tests.server import PROJECT, database_url_of_tests

PATIENCE_SECONDS = 120
STOP_SECONDS = 10
REDELIVERY_SECONDS = 5  # longer than a worker of these tests is at it before it is killed


@dataclass
class Process:
    """A child that writes a log, and that may be killed at any time."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def says(self, text: str) -> None:
        """Wait until it has written this."""
        wait_until(lambda: text in self.said or self.popen.poll() is not None)
        assert text in self.said, self.said

    def ends(self) -> int:
        """Wait until it is gone, and return how it ended."""
        return self.popen.wait(PATIENCE_SECONDS)


@dataclass
class Crew:
    """Starts workers and schedulers that take their work from one broker."""

    broker: str
    folder: Path
    running: list[Process]

    def workers(self, count: int, *faults: str) -> list[Process]:
        """Start workers that do one thing at a time each, and return when all listen."""
        command = ["worker", "--pool", "solo", "--without-gossip", "--without-mingle"]
        command += ["--loglevel", "INFO"]
        started = [self._start(command, faults, {}) for _worker in range(count)]
        for one in started:
            one.says(" ready.")
        return started

    def scheduler(self, *, every: float) -> Process:
        """Start a scheduler that asks for every organization's night so often."""
        schedule = self.folder / f"schedule-{len(self.running)}"
        command = ["beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"]
        return self._start(command, (), {"REGULARS_NIGHTS_EVERY": str(every)})

    def ask(self, task: str, *, task_id: str) -> None:
        """Hand a task to whichever worker is free, as a scheduler does."""
        with Celery(broker=self.broker) as app:
            app.send_task(task, task_id=task_id, ignore_result=True)

    @property
    def trigger(self) -> Path:
        """Return the file by which a test lets a fault happen."""
        return self.folder / "trigger"

    def _start(
        self, command: list[str], faults: tuple[str, ...], variables: dict[str, str]
    ) -> Process:
        log = self.folder / f"{command[0]}-{len(self.running)}.log"
        environment = {
            **os.environ,
            "DATABASE_URL": database_url_of_tests(),
            "CELERY_BROKER_URL": self.broker,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "REGULARS_FAULTS": ",".join(faults),
            "REGULARS_FAULT_TRIGGER": str(self.trigger),
            "REGULARS_FAULT_REDELIVERY": str(REDELIVERY_SECONDS),
            **variables,
        }
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "config", *command],
                cwd=PROJECT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        self.running.append(Process(popen, log))
        return self.running[-1]


@contextmanager
def crew_in(folder: Path) -> Iterator[Crew]:
    """Yield a crew whose members are gone in the end, whatever became of them."""
    with _broker(folder) as url:
        crew = Crew(url, folder, [])
        try:
            yield crew
        finally:
            for process in crew.running:
                process.popen.kill()
                process.popen.wait(STOP_SECONDS)
                sys.stdout.write(f"{process.log.name}:\n{process.said}\n")  # for a test that fails


def wait_until(happens: Callable[[], object]) -> None:
    """Wait until something is so, for as long as a busy machine may need."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@contextmanager
def _broker(folder: Path) -> Iterator[str]:
    program = broker_program()
    assert program is not None, "these tests need a broker"
    socket = folder / "broker.sock"
    listen = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command = [str(program), *listen, *NOTHING_KEPT, "--dir", str(folder), "--daemonize", "no"]
    with (folder / "broker.log").open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_until(lambda: _answers(socket))
        yield f"redis+socket://{socket}"
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def _answers(socket: Path) -> bool:
    with suppress(RedisError):
        return bool(Redis(unix_socket_path=str(socket)).ping())
    return False
