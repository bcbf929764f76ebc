"""Web processes are recycled, killed and told to stop; callers go away; clocks are wrong."""

import os
import random
import signal
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from loyalty.models import Entry, Hold
from tests.faults.client import Outcome, ask
from tests.faults.history import History
from tests.faults.machine import wait_until

pytestmark = [pytest.mark.race, pytest.mark.server]

RECYCLED_AFTER = ("--max-requests", "12", "--max-requests-jitter", "6")
CALLS = 60


@pytest.fixture
def machine(whole_machine):
    """The machine, with its database at work."""
    wait_until(whole_machine.answers)
    return whole_machine


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def recycled(whole_machine, tmp_path_factory):
    """A server whose workers do not live long, and the file with its number."""
    pid = tmp_path_factory.mktemp("recycled") / "pid"
    options = (*RECYCLED_AFTER, "--pid", str(pid))
    with whole_machine.serving("wait_before_commit", options=options) as base:
        yield base, pid


@pytest.mark.proves("F12")
def test_web_workers_that_are_recycled_and_killed_under_traffic_lose_no_answer(
    machine, stage, recycled
):
    history, (base, pid) = History(), recycled
    before = set(children_of(pid.read_text().strip()))
    with history.traffic(base, stage.sale) as heard:
        wait_until(lambda: len(heard) >= CALLS / 2)
        os.kill(children_of(pid.read_text().strip())[0], signal.SIGKILL)
        wait_until(lambda: len(heard) >= CALLS)
    after = set(children_of(pid.read_text().strip()))

    assert before.isdisjoint(after)
    assert "refused" not in {one.fate for one in heard}
    history.settle(machine.web)
    assert set(history.codes()) == {"201"}
    history.check(machine.said())


@pytest.mark.proves("F12")
def test_a_server_told_to_stop_finishes_what_it_has_begun(machine, stage, recycled):
    history, (base, pid) = History(), recycled
    machine.trigger.touch()
    with ThreadPoolExecutor(1) as threads:
        begun = threads.submit(ask, base, stage.sale())
        wait_until(lambda: not machine.trigger.exists())
        os.kill(int(pid.read_text()), signal.SIGTERM)
        time.sleep(0.3)
        machine.trigger.with_suffix(".go").touch()
        history.outcomes.append(begun.result())
    machine.trigger.with_suffix(".go").unlink()

    assert history.codes() == {"201": 1}
    history.check(machine.said())


def send_and_go(base, call, seconds):
    """Send a whole request, wait a little, and break the connection off."""
    address = urlsplit(base)
    body = httpx.Request("POST", base, json=call.body).content
    lines = [
        f"POST /api/v1/{call.path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Bearer {call.secret}",
        f"Idempotency-Key: {call.key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    with socket.create_connection((address.hostname, address.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        time.sleep(seconds)
    return Outcome(call, None)


@pytest.mark.proves("F14")
def test_callers_who_go_away_leave_all_or_nothing_and_may_ask_again(machine, stage):
    history, chance = History(), random.Random(14)

    with ThreadPoolExecutor(4) as threads:
        waits = [chance.uniform(0, 0.1) for _call in range(24)]
        gone = [threads.submit(send_and_go, machine.web, stage.sale(), wait) for wait in waits]
        history.outcomes += [one.result() for one in gone]

    assert history.codes() == {"unknown": 24}
    history.settle(machine.web)
    assert history.codes() == {"201": 24}
    history.check(machine.said())


@pytest.mark.proves("F17")
def test_hosts_whose_clocks_are_an_hour_off_say_so_and_keep_the_order(machine, stage):
    history = History()
    reward = str(stage.shop.reward(5).public_id)
    taken = {"member": str(stage.member.public_id), "reward": reward, "hold_seconds": 600}
    with machine.serving("clock_ahead") as ahead, machine.serving("clock_behind") as behind:
        ready = [httpx.get(f"{base}/readyz", timeout=30) for base in (machine.web, ahead, behind)]
        for base in (machine.web, ahead, behind, machine.web):
            history.fire(base, [stage.sale(), stage.sale()])
        for base in (ahead, behind):
            history.fire(base, [stage.call("redemptions/", taken)])

    account = stage.shop.account(stage.member)
    entries = Entry.objects.filter(account=account).order_by("pk")
    assert [(one.status_code, one.json()["checks"]["clock"]) for one in ready] == [
        (200, True),
        (503, False),
        (503, False),
    ]
    assert history.codes() == {"201": 10}
    assert list(entries.values_list("sequence", flat=True)) == [*range(1, 9)]
    assert [entry.balance_after for entry in entries] == [*range(10, 90, 10)]
    assert Hold.objects.filter(account=account).count() == 2
    history.check(machine.said())
