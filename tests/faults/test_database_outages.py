"""The database restarts, cuts connections, has none left, is locked or slow: 503, and all heals."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.faults.client import DEADLINE_SECONDS, ask
from tests.faults.history import History
from tests.faults.machine import wait_until
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.race, pytest.mark.server]

BUSY = {"unavailable"}
GRACE_SECONDS = 1.5  # after the database is back
LOCKED_AT_MOST = 4.0  # two seconds for a place in the row's queue, and two for the row
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'regulars_app' ORDER BY random() LIMIT 1
"""


@pytest.fixture
def machine(whole_machine):
    """The machine, with nobody waiting for anything."""
    wait_until(whole_machine.answers)
    return whole_machine


def well(heard, since=0.0):
    return [one for one in heard if one.fate == "ok" and one.began > since]


@pytest.mark.proves("F7")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_database_that_restarts_under_traffic_loses_nothing_it_acknowledged(machine, stage, how):
    history = History()
    with history.traffic(machine.web, stage.sale) as heard:
        wait_until(lambda: len(well(heard)) >= 5)
        down = time.monotonic()
        machine.stop_database(how)
        wait_until(lambda: not machine.answers())
        wait_until(machine.answers)
        back = time.monotonic()
        wait_until(lambda: len(well(heard, back)) >= 5)
    connection.close()

    failed = [one for one in heard if one.fate != "ok"]
    assert {one.code for one in failed} <= BUSY
    assert [one for one in failed if not down - 5 < one.began < back + GRACE_SECONDS] == []
    history.settle(machine.web)
    assert set(history.codes()) == {"201"}
    history.check(machine.said())
    wait_until(lambda: machine.waiting_events() == 0)


@pytest.mark.proves("F8")
def test_connections_that_are_cut_at_random_heal_and_nothing_is_lost_or_doubled(machine, stage):
    history = History()
    with history.traffic(machine.web, stage.sale) as heard:
        cut = [machine.sql(CUT) for _time in range(15) if time.sleep(0.1) is None]
        ended = time.monotonic()
        wait_until(lambda: len(well(heard, ended)) >= 8)

    assert sum(map(len, cut)) >= 10
    assert {one.code for one in heard if one.fate != "ok"} <= BUSY
    history.settle(machine.web)
    assert set(history.codes()) == {"201"}
    history.check(machine.said())


@pytest.mark.proves("F9")
def test_more_threads_than_connections_wait_or_are_told_to_and_it_heals_by_itself(machine, stage):
    history = History()
    with machine.serving(threads=32) as base:
        crowd = history.fire(base, stage.sales(64))
        calm = []

        def has_calmed():
            calm.append(ask(base, stage.sale()))
            return [one.status for one in calm[-10:]] == [201] * 10

        wait_until(has_calmed, 30)
        history.outcomes += calm

    assert {one.code for one in crowd} <= {"201", *BUSY}
    refused = [one for one in crowd if one.status == 503]
    assert {one.headers["Retry-After"] for one in refused} <= {"1"}
    history.settle(machine.web)
    assert set(history.codes()) == {"201"}
    history.check(machine.said())


@pytest.mark.proves("F10")
def test_a_locked_account_delays_only_its_own_callers_and_those_not_for_long(machine, stage):
    history = History()
    [usual] = history.fire(machine.web, stage.sales(1))
    account = stage.shop.account(stage.member)
    others = [stage.shop.member(f"+44740012350{number}") for number in range(4)]

    with machine.line() as admin, admin.transaction():
        admin.execute("SELECT FROM loyalty_account WHERE id = %s FOR UPDATE", [account.pk])
        with ThreadPoolExecutor(3) as threads:
            stuck = [threads.submit(ask, machine.web, stage.sale()) for _caller in range(3)]
            beside = [ask(machine.web, stage.sale(member)) for member in others]
            stuck = [one.result() for one in stuck]

    history.outcomes += [*stuck, *beside]
    assert {one.code for one in stuck} == BUSY
    assert max(one.seconds for one in stuck) < LOCKED_AT_MOST + 1 + 5 * usual.seconds
    assert [one.status for one in beside] == [201] * 4
    assert min(one.seconds for one in beside) < 2 < min(one.seconds for one in stuck)
    history.settle(machine.web)
    assert history.codes() == {"201": 8}
    history.check(machine.said())


@pytest.fixture(scope="module")
def slow(whole_machine):
    """A server behind a wire that can be slow or dead; the database's patience is a twentieth."""
    machine = whole_machine
    proxy = Proxy(machine.sockets / ".s.PGSQL.5432")
    hurry = {"idle_in_transaction_session_timeout": "1500", "statement_timeout": "750"}
    options = "".join(
        f" -c {name}={value}" for name, value in {**hurry, "lock_timeout": "0"}.items()
    )
    with machine.serving(
        "wait_before_commit",
        DATABASE_URL=f"postgresql://regulars_app@127.0.0.1:{proxy.port}/regulars",
        REGULARS_FAULT_OPTIONS=options,
    ) as base:
        yield base, proxy
        proxy.thaw()
    proxy.close()


@pytest.mark.proves("F13")
def test_a_slow_wire_slows_and_breaks_nothing(machine, stage, slow):
    base, proxy = slow
    history = History()
    proxy.delay = 0.01

    for sale in stage.sales(4):
        history.fire(base, [sale])
    proxy.delay = 0

    assert history.codes() == {"201": 4}
    history.check(machine.said())


@pytest.mark.proves("F13")
def test_a_wire_that_goes_dead_inside_a_transaction_holds_up_nobody_for_long(machine, stage, slow):
    base, proxy = slow
    history = History()
    history.fire(machine.web, stage.sales(1))
    machine.trigger.touch()
    caught = stage.sale()

    with ThreadPoolExecutor(1) as threads:
        lost = threads.submit(ask, base, caught, deadline=2)
        wait_until(lambda: not machine.trigger.exists())
        proxy.freeze()
        machine.trigger.with_suffix(".go").touch()
        history.outcomes.append(lost.result())
        history.fire(machine.web, stage.sales(2))

    wait_until(lambda: machine.sql(OPEN)[0][0] == 0, 5)
    proxy.thaw()
    machine.trigger.with_suffix(".go").unlink()
    assert history.codes("unknown") == {"unknown": 1}
    history.settle(machine.web)
    assert history.codes() == {"201": 4}
    history.check(machine.said())


@pytest.mark.proves("F13")
def test_a_statement_ends_long_before_anybody_gives_up_on_its_server(machine, stage, slow):
    base, _proxy = slow
    history = History()
    history.fire(base, stage.sales(1))
    account = stage.shop.account(stage.member)

    with machine.line() as admin, admin.transaction():
        admin.execute("SELECT FROM loyalty_account WHERE id = %s FOR UPDATE", [account.pk])
        [late] = history.fire(base, stage.sales(1))

    assert late.code in BUSY
    assert 0.7 < late.seconds < DEADLINE_SECONDS
    assert machine.sql(OPEN)[0][0] == 0
    history.settle(base)
    history.check(machine.said())
