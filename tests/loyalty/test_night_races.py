"""Several workers carry one organization through its night at the same moment."""

from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count

import pytest

from core.models import Night, OutboxEvent
from core.nightly import Work
from core.outbox import tell
from core.services import nights
from core.services.nights import run_nights
from loyalty import nightly
from tests.racing import race, seen
from tests.shops import open_shop

MONDAY = datetime(2026, 5, 10, 23, tzinfo=UTC)
CHUNKS = 5
WORKERS = 4

_numbers = count(1)


@pytest.fixture
def shop(transactional_db, monkeypatch):
    """A shop whose night is five chunks, each of which is seen as often as it happens."""
    shop = open_shop()

    def chunk(tonight, position):
        noted = OutboxEvent(
            organization_id=tonight.organization_id,
            kind="test.chunk",
            subject="test",
            subject_id=next(_numbers),
            payload={},
            done_by=[],
        )
        tell([noted])
        return position + 1 if position + 1 < CHUNKS else None

    monkeypatch.setattr(nightly, "NIGHTLY", [Work(name="test.x", stage="tiers", chunk=chunk)])
    return shop


def forget_who_is_at_it(monkeypatch):
    @contextmanager
    def alone(_name, *, patience):
        yield True

    monkeypatch.setattr(nights, "only_one", alone)


def happened(moment=MONDAY):
    """Let several workers run the night, and return how many chunks were seen."""
    before = OutboxEvent.objects.filter(kind="test.chunk").count()
    race(*[partial(run_nights, now=moment)] * WORKERS)
    return OutboxEvent.objects.filter(kind="test.chunk").count() - before


@pytest.mark.race
@pytest.mark.proves("F5", "F15")
@pytest.mark.parametrize("all_know_of_each_other", [True, False])
def test_whoever_is_at_it_each_chunk_happens_once(shop, monkeypatch, all_know_of_each_other):
    if not all_know_of_each_other:
        forget_who_is_at_it(monkeypatch)

    chunks = happened()

    assert chunks == CHUNKS
    [night] = Night.objects.values_list("skipped", "finished_at")
    assert (night[0], night[1] is not None) == ([], True)


@pytest.mark.race
@pytest.mark.proves("F5", "F15")
def test_without_comparing_where_the_night_stands_chunks_happen_twice(shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    forget_who_is_at_it(monkeypatch)

    def move(night, change):
        Night.objects.filter(pk=night.pk).update(**change)

    monkeypatch.setattr(nights, "_move", move)

    def attempt(_serial):
        Night.objects.all().delete()
        return happened() > CHUNKS

    assert seen(attempt)
