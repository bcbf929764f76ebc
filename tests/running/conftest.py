import shutil

import pytest

from core.embedded.database import database
from tests.running.installation import Installation, ask


@pytest.fixture(scope="package")
def cluster(tmp_path_factory):
    """Return a data folder with a cluster, at rest, that holds one row."""
    folder = tmp_path_factory.mktemp("cluster") / "var"
    with database(folder, "fsync=off"):
        ask(folder, "create table kept as select 1 as number")
    return folder


@pytest.fixture
def data(cluster, tmp_path):
    """Return a copy of it, as from a backup."""
    return shutil.copytree(cluster, tmp_path / "var")


@pytest.fixture(scope="package")
def migrated(cluster, tmp_path_factory):
    """Return a data folder at rest with the product's tables too."""
    folder = shutil.copytree(cluster, tmp_path_factory.mktemp("migrated") / "var")
    with database(folder, "fsync=off"):
        done = Installation(folder).manage("migrate", "-v", "0")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def installations(migrated, tmp_path_factory):
    """Return a maker of installations on such copies, stopped after the last test of a file."""
    running = []

    def make(name):
        copy = shutil.copytree(migrated, tmp_path_factory.mktemp(name) / "var")
        shutil.rmtree(copy / "run")
        running.append(Installation(copy))
        return running[-1]

    yield make
    for each in running:
        each.stop()
