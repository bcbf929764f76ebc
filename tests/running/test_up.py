import signal
import subprocess
import sys
import time

import httpx
import pytest

pytestmark = pytest.mark.server


def livez(installation):
    return httpx.get(f"http://127.0.0.1:{installation.port}/livez", timeout=10)


def wait_until(happens, seconds=30):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.1)


def group_named(installation, name):
    return int((installation.data / "run" / f"{name}.pid").read_text())


def test_up_serves_until_told_to_stop_and_leaves_no_process(install):
    here = install()

    said = here.up()
    served = livez(here)
    while_up = here.manage("showmigrations", "core")
    ended = here.stop(signal.SIGTERM)

    assert said[-1] == f"ready http://127.0.0.1:{here.port}"
    assert served.status_code == 200
    assert (while_up.returncode, "[ ]" in while_up.stdout) == (0, False)
    assert ended == 0
    assert here.processes() == []


def test_a_second_supervisor_and_a_taken_port_are_refused_in_words(install):
    here, there = install("here"), install("there")
    here.up()

    again = here.manage("up", "--port", "1")
    taken = there.manage("up", "--port", str(here.port))

    assert (again.returncode, taken.returncode) == (1, 1)
    assert f"already runs at http://127.0.0.1:{here.port}" in again.stderr
    assert f"Cannot listen on 127.0.0.1:{here.port}" in taken.stderr
    assert livez(here).status_code == 200
    assert there.processes() == []


def test_after_a_kill_of_the_supervisor_the_next_start_serves(install):
    here = install()
    here.up()
    here.stop(signal.SIGKILL)

    here.up()

    assert livez(here).status_code == 200
    assert here.stop(signal.SIGINT) == 0
    assert here.processes() == []


def test_a_killed_supervisor_takes_everything_down_with_it(install):
    here = install()
    here.up()

    here.stop(signal.SIGKILL)

    wait_until(lambda: here.processes() == [])


def test_two_folders_run_side_by_side(install):
    here, there = install("here"), install("there")
    here.up()
    there.up()

    here.stop()

    assert livez(there).status_code == 200
    assert here.processes() == []


def test_a_process_that_dies_is_started_again(install):
    here = install()
    here.up()
    first = group_named(here, "web")

    subprocess.run(["kill", "-9", str(first)], check=True)

    wait_until(lambda: group_named(here, "web") != first)
    wait_until(lambda: _answers(here))


def _answers(installation):
    try:
        return livez(installation).status_code == 200
    except httpx.TransportError:
        return False


def test_on_a_leash_it_stops_with_the_process_that_started_it(install):
    here = install()
    keep_it = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    here.up("--leashed", before=[sys.executable, "-c", keep_it])

    here.stop(signal.SIGKILL)

    wait_until(lambda: here.processes() == [])


def test_what_a_command_writes_is_there_after_the_next_start(install):
    here = install()
    table = "from django.db import connection; connection.cursor().execute('{}')"

    down = here.manage("shell", "-v", "0", "-c", table.format("create table kept as select 1"))
    here.up()
    up = here.manage("shell", "-v", "0", "-c", table.format("insert into kept values (2)"))
    here.stop()
    counted = here.manage(
        "shell",
        "-v",
        "0",
        "-c",
        "from django.db import connection as c\n"
        "with c.cursor() as k: print(k.execute('select * from kept').fetchall())",
    )

    assert (down.returncode, up.returncode) == (0, 0)
    assert counted.stdout.strip() == "[(1,), (2,)]"
    assert here.processes() == []


def test_a_command_that_needs_no_database_starts_none(install):
    here = install()

    helped = here.manage("help")

    assert helped.returncode == 0
    assert not (here.data / "postgres").exists()
