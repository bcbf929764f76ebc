"""Nights in real workers: killed, handed over, asked for twice, by two schedulers."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from core.models import Night, OutboxEvent
from loyalty.models import Activation, Entry, Lot
from tests.faults.workers import crew_in, wait_until
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = [pytest.mark.race, pytest.mark.server]

MEMBERS = 24
CHUNKS = 6  # of four accounts each, by the fault ``small_chunks``
NIGHT = "core.run_nights"
NEITHER_WAITS = "forget_who_is_at_it"


@pytest.fixture
def crew():
    # The paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="regulars-crew-"))
    with crew_in(folder) as crew:
        yield crew
        tracebacks = [one.log.name for one in crew.running if "Traceback" in one.said]
    shutil.rmtree(folder)
    assert tracebacks == []


@pytest.fixture
def shop(transactional_db):
    """A shop in whose next night points of many members end and some others come free."""
    shop = open_shop()
    shop.settle(expiry={"type": "after", "days": 10})
    members = [shop.member(f"+4474001{number:05}") for number in range(MEMBERS)]
    with time_machine.travel(timezone.now() - timedelta(days=20), tick=False):
        for member in members:
            shop.buys(member, "10.00")
    shop.settle(pending_days=5)
    with time_machine.travel(timezone.now() - timedelta(days=5), tick=False):
        for member in members[:CHUNKS]:
            shop.buys(member, "3.00")
    return shop


def ended():
    return Entry.objects.filter(kind="expire").count()


def is_over():
    return Night.objects.filter(finished_at__isnull=False).exists()


def has_come_to(position):
    return Night.objects.filter(work="loyalty.expire", position__gte=position).exists()


def assert_everything_happened_once():
    """Hold that each lot that was due ended once, and that members were told once."""
    assert Night.objects.values_list("skipped", flat=True).get() == []
    assert (
        list(Entry.objects.filter(kind="expire").values_list("points", flat=True))
        == [-10] * MEMBERS
    )
    assert Lot.objects.filter(expires_at__lte=timezone.now(), remaining__gt=0).count() == 0
    assert Activation.objects.count() == CHUNKS
    told = OutboxEvent.objects.filter(kind__in=["points.available", "points.expired"])
    assert sorted(told.values_list("kind", flat=True)) == (
        ["points.available"] * CHUNKS + ["points.expired"] * CHUNKS
    )
    assert_audit_is_clean()


@pytest.mark.proves("F4", "F6")
def test_a_worker_killed_in_the_middle_of_a_night_is_followed_by_another(shop, crew):
    workers = crew.workers(2, "small_chunks", "die_before_commit")
    crew.ask(NIGHT, task_id="night")
    wait_until(lambda: has_come_to(1))
    crew.trigger.touch()  # whoever is at it dies in the middle of the next chunk
    wait_until(lambda: any(worker.popen.poll() is not None for worker in workers))
    done_before = ended()

    # Nobody asks again: the broker hands over what was never acknowledged.
    wait_until(is_over)

    assert sorted(worker.popen.poll() or 0 for worker in workers) == [-9, 0]
    assert (0 < done_before < MEMBERS, done_before % 4) == (True, 0)
    assert [f"{NIGHT}[night] received" in worker.said for worker in workers] == [True, True]
    assert_everything_happened_once()


@pytest.mark.proves("F5", "F6")
@pytest.mark.parametrize("faults", [[], [NEITHER_WAITS]])
def test_two_workers_with_the_same_night_end_each_lot_once(shop, crew, faults):
    workers = crew.workers(2, "small_chunks", *faults)

    for task_id in ("same", "same"):
        crew.ask(NIGHT, task_id=task_id)
    crew.ask("loyalty.expire_due_points", task_id="between")
    wait_until(is_over)
    for worker in workers:
        worker.popen.terminate()
        worker.ends()

    assert [f"{NIGHT}[same] received" in worker.said for worker in workers] == [True, True]
    assert_everything_happened_once()


@pytest.mark.proves("F15")
def test_two_schedulers_have_one_night(shop, crew):
    schedulers = [crew.scheduler(every=0.3) for _scheduler in range(2)]
    [worker] = crew.workers(1, "small_chunks")
    wait_until(is_over)
    for scheduler in schedulers:
        scheduler.says("Sending due task nights")
    asked = worker.said.count(f"{NIGHT}[")

    assert asked > 1
    assert_everything_happened_once()
