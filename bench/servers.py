"""Web servers as in production: gunicorn with two processes, on a free port of this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.client import Address, Connection
from bench.shop import Call
from core.embedded.folder import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.place import Place

START_SECONDS = 60
STOP_SECONDS = 20
PRODUCT = "config.wsgi"
MINIMAL = "bench.minimal.wsgi"


@contextmanager
def serving(
    place: Place, database: str, application: str = PRODUCT, **variables: str
) -> Iterator[int]:
    """Run a server on a database and yield its port; what it says goes into the data folder."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    command += ["--bind", f"127.0.0.1:{port}", application]
    log = place.data / f"{application}-{database}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=place.environment(database, WEB_WORKERS="2", WEB_THREADS="8", **variables),
            stdout=output,
            stderr=output,
        )
        try:
            _wait(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(STOP_SECONDS)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        line = Connection(Address(port))
        try:
            line.ask(Call("GET", "/livez"))
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            line.close()
    sys.exit(f"{' '.join(map(str, server.args))} did not start; its log is in the data folder")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
