"""Real server processes on the test database, for what a test client cannot show."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import pytest
from django.db import connection

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
STOP_SECONDS = 15


@contextmanager
def serving(
    log: Path,
    *options: str,
    settings: str = "config.settings",
    threads: int = 8,
    **variables: str,
) -> Iterator[str]:
    """Run gunicorn as in production, on a free port, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    command += ["--bind", f"127.0.0.1:{port}", "-w", "2", "--threads", str(threads)]
    command += [*options, "config.wsgi"]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url_of_tests(),
        "DJANGO_SETTINGS_MODULE": settings,
        **variables,
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=output, stderr=output
        )
        try:
            _wait_until_served(process, address, log)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def database_url_of_tests() -> str:
    """Return the address of the database that this test process writes to."""
    used = connection.settings_dict
    who = quote(used["USER"] or "", safe="")
    if used["PASSWORD"]:
        who = f"{who}:{quote(used['PASSWORD'], safe='')}"
    host = used["HOST"] or ""
    if host.startswith("/"):
        return f"postgresql://{who}@/{used['NAME']}?{urlencode({'host': host})}"
    port = f":{used['PORT']}" if used["PORT"] else ""
    return f"postgresql://{who}@{host}{port}/{used['NAME']}"


def _wait_until_served(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/livez", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"gunicorn did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file in which the shared server writes its log."""
    return tmp_path_factory.mktemp("gunicorn") / "server.log"


@pytest.fixture(scope="session")
def shared_server(django_db_setup: None, django_db_blocker, server_log: Path) -> Iterator[str]:
    """Run one server for all tests of this process; it keeps nothing but connections."""
    with serving(server_log) as address:
        yield address


@pytest.fixture
def live_gunicorn(transactional_db: None, shared_server: str) -> str:
    """Return the address of a real server that sees what this test commits."""
    return shared_server
