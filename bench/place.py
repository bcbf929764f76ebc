"""Where measuring happens: a data folder of its own, its databases and the commands run on them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from core.embedded.database import database
from core.embedded.folder import PROJECT, socket_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "regulars"
FIRST_DATABASE = "regulars"
# The server that is measured syncs every commit, as it does by default; it only has room to work.
SERVER = (
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=15min",
    "synchronous_commit=on",
)


class Place:
    """The folder, and the PostgreSQL that runs in it."""

    def __init__(self, data: Path) -> None:
        self.data = data

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have PostgreSQL running during the body."""
        self.data.mkdir(parents=True, exist_ok=True)
        with database(self.data, *SERVER):
            yield

    @property
    def socket(self) -> Path:
        """Return the folder in which the server listens."""
        return socket_folder(self.data)

    def connect(self, name: str = FIRST_DATABASE) -> psycopg.Connection[Any]:
        """Open a connection that commits each statement."""
        return psycopg.connect(host=str(self.socket), user=USER, dbname=name, autocommit=True)

    def has(self, name: str) -> bool:
        """Tell whether there is a database of this name."""
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def create(self, name: str) -> None:
        """Make an empty database."""
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def copy(self, template: str, name: str) -> None:
        """Make a database that is like another one, which nobody may be using."""
        self.drop(name)
        with self.connect() as connection:
            copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(copied.format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        """Remove a database if there is one."""
        with self.connect() as connection:
            dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(dropped.format(sql.Identifier(name)))

    def rename(self, name: str, other: str) -> None:
        """Give a database its final name, once it is complete."""
        with self.connect() as connection:
            renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(renamed.format(sql.Identifier(name), sql.Identifier(other)))

    def environment(self, name: str, **variables: str) -> dict[str, str]:
        """Return the environment of a process that works on a database, as in production."""
        return {
            **os.environ,
            "DATABASE_URL": f"postgresql://{USER}@:5432/{name}?host={self.socket}",
            "REGULARS_DATA": str(self.data),
            "REGULARS_PRODUCTION": "1",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": "https://127.0.0.1",
            "SECURE_SSL_REDIRECT": "0",
            **variables,
        }

    def run(self, name: str, *command: str, accept: tuple[int, ...] = (0,)) -> str:
        """Run one of our modules or commands on a database and return what it printed."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in accept:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


def data_folder() -> Path:
    """Return the folder of the measurements; a relative name counts from the project."""
    named = Path(os.environ.get("REGULARS_BENCH_DATA") or "var/bench").expanduser()
    return (PROJECT / named).resolve()
