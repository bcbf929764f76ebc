"""The broker is down, frozen, or everybody dies: nobody at a till notices, and all is told once."""

import os
import signal

import pytest

from core.models import OutboxEvent
from tests.faults.history import CANARIES, History, slowest
from tests.faults.machine import wait_until

pytestmark = [pytest.mark.race, pytest.mark.server]

CALLS = 30
SLOWER_AT_MOST = 0.5  # a request that waited for the broker would take a second or more
ONCE = [("points.earn", 1), ("purchase.recorded", 1)]


@pytest.fixture
def told(whole_machine, stage):
    """The machine while everything that happened before the test has been told."""
    wait_until(lambda: whole_machine.waiting_events() == 0)
    return whole_machine


def one_after_the_other(history, base, stage):
    """Sell so many times, and return how long nearly all of them took at most."""
    with history.traffic(base, stage.sale, clients=2) as heard:
        wait_until(lambda: len(heard) >= CALLS)
    return slowest(heard)


@pytest.mark.proves("F1")
def test_with_the_broker_down_tills_sell_as_before_and_everything_is_told_afterwards(told, stage):
    history = History()
    before = one_after_the_other(history, told.web, stage)
    wait_until(lambda: told.waiting_events() == 0)

    told.stop_broker()
    meanwhile = one_after_the_other(history, told.web, stage)
    waiting = told.waiting_events()
    told.start_broker()

    wait_until(lambda: told.waiting_events() == 0)
    assert history.codes("unknown", "refused") == {}
    assert meanwhile < before + SLOWER_AT_MOST
    assert waiting >= CALLS
    assert told.heard() == ONCE
    history.check(told.said())


@pytest.mark.proves("F2")
def test_with_the_broker_frozen_tills_sell_as_before_and_everything_is_told_afterwards(told, stage):
    history = History()
    before = one_after_the_other(history, told.web, stage)
    wait_until(lambda: told.waiting_events() == 0)

    os.kill(told.broker.pid, signal.SIGSTOP)
    meanwhile = one_after_the_other(history, told.web, stage)
    os.kill(told.broker.pid, signal.SIGCONT)

    wait_until(lambda: told.waiting_events() == 0)
    assert history.codes("unknown", "refused") == {}
    assert meanwhile < before + SLOWER_AT_MOST
    assert told.heard() == ONCE
    history.check(told.said())


@pytest.mark.proves("F3", "I4")
def test_what_was_committed_by_a_server_that_died_before_it_could_tell_is_told(told, stage):
    history = History()
    with told.serving("die_after_commit") as base:
        told.trigger.touch()
        [lost] = history.fire(base, [stage.sale()])
    left = OutboxEvent.objects.filter(organization=stage.shop.organization)
    kinds = sorted(left.values_list("kind", flat=True))

    wait_until(lambda: told.waiting_events() == 0)

    assert (lost.status, kinds) == (None, ["points.earn", "purchase.recorded"])
    assert told.heard() == ONCE
    history.settle(told.web)
    assert history.codes() == {"201": 1}
    history.check(told.said())


@pytest.mark.proves("F3")
def test_a_worker_that_dies_between_an_effect_and_its_mark_does_it_once(told, stage):
    history = History()

    told.trigger.touch()
    history.fire(told.web, stage.sales(5))
    wait_until(lambda: not told.trigger.exists())

    wait_until(lambda: told.waiting_events() == 0)
    assert told.heard() == ONCE
    history.check(told.said())


@pytest.mark.proves("F16")
def test_a_poisoned_event_is_overtaken_by_all_others(told, stage):
    history = History()

    [poisoned] = history.fire(told.web, [stage.sale(number="poison")])
    history.fire(told.web, stage.sales(5))

    wait_until(lambda: told.waiting_events() == 1)
    left = OutboxEvent.objects.get(sent_at__isnull=True)
    assert (left.last_error, left.attempts >= 1) == ("test: ValueError", True)
    assert poisoned.status == 201
    OutboxEvent.objects.filter(pk=left.pk).update(payload={})
    OutboxEvent.objects.filter(pk=left.pk).update(next_try_at=None, parked_at=None)
    wait_until(lambda: told.waiting_events() == 0)
    assert told.heard() == ONCE
    history.check(told.said())
    assert [name for name in CANARIES if name in told.worker_log.read_text()] == []
