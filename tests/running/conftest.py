import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core.embedded.folder import PROJECT, socket_folder

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"}
}


class Installation:
    """One data folder, used from outside as an operator does."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = ENVIRONMENT | {"REGULARS_DATA": str(data)} | environment
        self.supervisor = None

    def manage(self, *words, **options):
        command = [sys.executable, "manage.py", *words]
        options |= {"cwd": PROJECT, "env": self.environment, "text": True}
        return subprocess.run(command, capture_output=True, check=False, timeout=90, **options)

    def up(self, *words, before=()):
        command = [*before, sys.executable, "manage.py", "up", "--no-demo", *words]
        self.supervisor = subprocess.Popen(
            [*command, "--port", str(self.port)],
            cwd=PROJECT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said = []
        for line in self.supervisor.stdout:
            said.append(line.strip())
            if line.startswith("ready "):
                return said
        pytest.fail("\n".join(said))

    def stop(self, number=signal.SIGTERM):
        if self.supervisor is None:
            return None
        with self.supervisor as supervisor:
            supervisor.send_signal(number)
            return supervisor.wait(60)

    def processes(self):
        """Return the command lines of everything that runs for this folder."""
        marks = (os.fsencode(self.data), os.fsencode(socket_folder(self.data)))
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes()
                seen = command + (process / "environ").read_bytes()
                if command and any(mark in seen for mark in marks):
                    found.append(command.replace(b"\0", b" ").decode())
        return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def install(tmp_path):
    """Return a maker of installations, each stopped when the test ends."""
    made = []

    def make(name="var", **environment):
        made.append(Installation(tmp_path / name, **environment))
        return made[-1]

    yield make
    for each in made:
        each.stop()
