"""An installation used from outside, as an operator does."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from core.embedded.folder import PROJECT, socket_folder

PRIVATE = {"DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"}
INHERITED = {name: value for name, value in os.environ.items() if name not in PRIVATE}


class Installation:
    """One data folder with its commands and its supervisor."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.environment = INHERITED | {"REGULARS_DATA": str(data)}
        self.supervisor = None
        self.said = []

    def manage(self, *words):
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
            timeout=300,
        )

    def up(self, before=(), options=("--no-demo",)):
        """Start the supervisor, on a leash, and return when it says that it is ready."""
        up = [sys.executable, "manage.py", "up", "--port", str(self.port), "--leashed"]
        self.supervisor = subprocess.Popen(
            [*before, *up, *options],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said = []
        for line in self.supervisor.stdout:
            self.said.append(line.strip())
            if line.startswith("ready "):
                return
        raise AssertionError("\n".join(self.said))

    def stop(self, number=signal.SIGTERM):
        """Signal the supervisor and return how it ended."""
        if self.supervisor is None:
            return None
        with self.supervisor as supervisor:
            supervisor.send_signal(number)
            return supervisor.wait(90)

    def group_named(self, name):
        """Return the process group recorded for one of the supervisor's children."""
        return int((self.data / "run" / f"{name}.pid").read_text())

    def processes(self):
        """Return the command lines of everything that runs for this folder."""
        return list(processes_that_mention(str(self.data), str(socket_folder(self.data))).values())


def processes_that_mention(*marks):
    """Return process ids with command lines, where command or environment hold one of the texts."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            seen = command + (process / "environ").read_bytes()
            if command and any(os.fsencode(mark) in seen for mark in marks):
                found[int(process.name)] = command.replace(b"\0", b" ").decode()
    return found


def ask(data, question):
    """Ask the running database of a folder one question."""
    where = f"postgresql://regulars@:5432/regulars?host={socket_folder(data)}"
    with psycopg.connect(where, autocommit=True) as connection:
        return connection.execute(question)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_until(happens, seconds=120) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)
