import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from core.embedded.database import answers, database
from core.embedded.errors import NothingSuitable
from core.embedded.folder import PROJECT, socket_folder
from core.embedded.locks import is_free
from tests.running.installation import ask, processes_that_mention, wait_until

QUICK = ("fsync=off",)
USE_IT = """
import sys, time
from pathlib import Path
from core.embedded.database import database
with database(Path(sys.argv[1])):
    print("in use", flush=True)
    time.sleep(60)
"""


def use_in_another_process(data):
    user = subprocess.Popen(
        [sys.executable, "-c", USE_IT, str(data)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert user.stdout.readline() == b"in use\n"
    return user


def is_down(data):
    return is_free(data / "run" / "postgres.lock")


def test_data_is_kept_and_the_server_is_down_between_uses(data):
    between = answers(data)

    with database(data):
        kept = ask(data, "table kept").fetchall()

    assert between is False
    assert kept == [(1,)]
    assert is_down(data)


def test_the_server_stays_until_its_last_user_leaves(data):
    with ExitStack() as later:
        with database(data):
            later.enter_context(database(data))
        still_there = answers(data)

    assert still_there is True
    assert answers(data) is False


def test_a_killed_user_counts_as_gone(data):
    user = use_in_another_process(data)

    with user:
        user.kill()

    wait_until(lambda: is_down(data))


def test_a_killed_keeper_is_replaced(data):
    user = use_in_another_process(data)
    mentions = processes_that_mention(str(data))
    [keeper] = [pid for pid, command in mentions.items() if "core.embedded.keeper" in command]

    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: not answers(data))  # the server goes down with its keeper
    with user, database(data):
        kept = ask(data, "table kept").fetchall()
        user.kill()

    assert kept == [(1,)]


def test_a_killed_server_recovers_under_its_users(data):
    with database(data):
        server = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: answers(data))
        kept = ask(data, "table kept").fetchall()

    assert kept == [(1,)]


def test_process_ids_left_by_a_reset_do_not_block_the_start(data):
    lines = [str(os.getpid()), str(data / "postgres"), "1", "5432", "", "", ""]
    (data / "postgres" / "postmaster.pid").write_text("\n".join(lines))
    sockets = socket_folder(data)
    sockets.mkdir(mode=0o700)
    shutil.chown(sockets, (data / "postgres").stat().st_uid)
    (sockets / ".s.PGSQL.5432.lock").write_text("\n".join(lines))

    with database(data):
        kept = ask(data, "table kept").fetchall()

    assert kept == [(1,)]


def test_a_copied_folder_is_an_installation_of_its_own(data, tmp_path):
    copy = tmp_path / "copy"

    with database(data):
        ask(data, "checkpoint")
        shutil.copytree(data, copy)
        with database(copy):
            ask(copy, "insert into kept values (2)")
            kept = ask(copy, "table kept").fetchall()
        original = ask(data, "table kept").fetchall()

    assert kept == [(1,), (2,)]
    assert original == [(1,)]


def test_a_cluster_half_made_is_made_anew(tmp_path):
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")

    with database(tmp_path, *QUICK):
        assert ask(tmp_path, "select 1").fetchall() == [(1,)]

    assert not half.exists()


def test_a_cluster_of_a_version_without_programs_is_refused_in_words(data):
    (data / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(NothingSuitable, match="was made by PostgreSQL 9"), database(data):
        pass


def test_a_folder_deep_below_still_gets_a_short_socket(tmp_path):
    deep = tmp_path / ("a" * 100) / ("b" * 100)

    with database(deep, *QUICK):
        assert ask(deep, "select 1").fetchall() == [(1,)]

    assert len(str(socket_folder(deep) / ".s.PGSQL.5432")) < 107


def test_users_who_come_and_go_at_once_do_not_disturb_each_other(data):
    command = [sys.executable, "-c", USE_IT.replace("time.sleep(60)", "pass"), str(data)]

    users = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) for _ in range(6)]
    said = [user.communicate()[0] for user in users]

    assert said == [b"in use\n"] * 6
    wait_until(lambda: is_down(data))
