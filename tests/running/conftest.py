import shutil

import psycopg
import pytest

from core.embedded.database import database
from core.embedded.folder import socket_folder
from tests.running.installation import Installation


def ask(data, question):
    """Ask the running database of a folder one question."""
    where = f"postgresql://regulars@:5432/regulars?host={socket_folder(data)}"
    with psycopg.connect(where, autocommit=True) as connection:
        return connection.execute(question)


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    """Return a data folder with tables, at rest; one of them is ours and holds a row."""
    folder = tmp_path_factory.mktemp("made") / "var"
    with database(folder, "fsync=off"):
        migrated = Installation(folder).manage("migrate", "-v", "0")
        assert migrated.returncode == 0, migrated.stderr
        ask(folder, "create table kept as select 1 as number")
    return folder


@pytest.fixture
def data(made, tmp_path):
    """Return a copy of it, as from a backup."""
    return shutil.copytree(made, tmp_path / "var")


@pytest.fixture(scope="module")
def installations(made, tmp_path_factory):
    """Return a maker of installations on such copies, stopped after the last test of a file."""
    running = []

    def make(name):
        copy = shutil.copytree(made, tmp_path_factory.mktemp(name) / "var")
        shutil.rmtree(copy / "run")
        running.append(Installation(copy))
        return running[-1]

    yield make
    for each in running:
        each.stop()
