import os
import signal
import sys

import httpx
import pytest

from tests.running.installation import wait_until

pytestmark = pytest.mark.server

SHELL = ("shell", "-v", "0", "-c")
ADD = "from django.db import connection as c; c.cursor().execute('insert into kept values (2)')"
COUNT = """
from django.db import connection
with connection.cursor() as cursor:
    print(cursor.execute('select * from kept').fetchall())
"""


def livez(installation):
    return httpx.get(f"http://127.0.0.1:{installation.port}/livez", timeout=10)


def serves(installation):
    try:
        return livez(installation).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def here(installations):
    """Return an installation that is up, and stays up for all tests of this file."""
    installation = installations("here")
    installation.up()
    return installation


def test_up_says_where_it_serves(here):
    assert here.said[-1] == f"ready http://127.0.0.1:{here.port}"
    assert livez(here).status_code == 200


def test_a_second_supervisor_of_the_folder_is_refused_in_words(here):
    again = here.manage("up", "--port", "1")

    assert again.returncode == 1
    assert f"already runs at http://127.0.0.1:{here.port}" in again.stderr
    assert serves(here)


def test_a_taken_port_is_refused_in_words(here, installations):
    there = installations("there")

    taken = there.manage("up", "--port", str(here.port))

    assert taken.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{here.port}" in taken.stderr
    assert there.processes() == []


def test_a_process_that_dies_is_started_again(here):
    first = here.group_named("web")

    os.killpg(first, signal.SIGKILL)

    wait_until(lambda: here.group_named("web") != first)
    wait_until(lambda: serves(here))


def test_two_folders_run_side_by_side_and_stopping_one_leaves_only_its_data(here, installations):
    beside = installations("beside")
    written_down = beside.manage(*SHELL, ADD)
    beside.up()
    both = [serves(here), serves(beside)]
    written_up = beside.manage(*SHELL, ADD)

    ended = beside.stop(signal.SIGTERM)

    left = beside.processes()
    counted = beside.manage(*SHELL, COUNT)
    assert both == [True, True]
    assert [written_down.returncode, written_up.returncode, ended] == [0, 0, 0]
    assert left == []
    assert counted.stdout.strip() == "[(1,), (2,), (2,)]"
    assert serves(here)


def test_whatever_is_killed_the_rest_goes_too_and_the_next_start_serves(installations):
    killed = installations("killed")
    killed.up()

    killed.stop(signal.SIGKILL)
    wait_until(lambda: killed.processes() == [])
    killed.up(before=[sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"])

    assert serves(killed)
    killed.stop(signal.SIGKILL)  # the process on whose leash it is
    wait_until(lambda: killed.processes() == [])


def test_a_first_start_loads_the_demo_and_the_next_says_how_to_sign_in(installations):
    demo = installations("demo")
    demo.up(options=("--households", "3"))
    first = [*demo.said]

    demo.stop(signal.SIGTERM)
    demo.up(options=())

    loaded = [line for line in first if line.startswith("Loaded 3 members")]
    again = [line for line in demo.said if line.startswith("Load")]
    [password] = [line for line in demo.said if line.startswith("password ")]
    assert len(loaded) == 1
    assert again == []
    assert password in first
    assert serves(demo)


def test_a_command_that_needs_no_database_starts_none(installations):
    idle = installations("idle")

    helped = idle.manage("help")

    assert helped.returncode == 0
    assert not (idle.data / "run").exists()
