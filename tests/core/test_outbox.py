"""Events reach those who listen, each once, and one that cannot be taken delays no other."""

import io
import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from core import subscriptions
from core.errors import Missing
from core.metrics import EVENTS_PARKED
from core.models import AuditRecord, OutboxEvent, Store
from core.outbox import event, tell
from core.services import outbox as outbox_service
from core.services.outbox import forget_old_events, relay_events, retry_event
from core.subscriptions import Subscriber, subscribers
from tests.racing import race, seen
from tests.shops import open_shop

KIND, OTHER = "test.happened", "test.ignored"


@dataclass
class Listener:
    """Hears events and writes a row for each, until it is told to choke on some."""

    name: str
    chokes_on: tuple[int, ...] = ()

    def hear(self, told):
        AuditRecord.objects.create(
            actor=self.name, verb="heard", subject="test", subject_id=told.subject_id, fields=[]
        )
        if told.subject_id in self.chokes_on:
            raise ValueError("+447400123456 must not be kept")

    @property
    def heard(self):
        rows = AuditRecord.objects.filter(actor=self.name).order_by("pk")
        return list(rows.values_list("subject_id", flat=True))


@pytest.fixture
def log():
    """Take what is written to the log."""
    [out] = [handler for handler in logging.getLogger().handlers if handler.name == "out"]
    before = out.setStream(io.StringIO())
    yield out.stream
    out.setStream(before)


@pytest.fixture
def listen(monkeypatch):
    """Have somebody listen, for as long as the test lasts."""
    listening = []
    monkeypatch.setattr(subscriptions, "modules_named", lambda _name: [Module])

    class Module:
        SUBSCRIBERS = listening

    def add(name, **details):
        listener = Listener(name, **details)
        listening.append(Subscriber(name, frozenset({KIND}), listener.hear))
        subscribers.cache_clear()
        return listener

    yield add
    subscribers.cache_clear()


@pytest.fixture
def happens(db):
    shop = open_shop()

    def happen(*numbers, kind=KIND):
        tell(
            event(
                kind,
                Store(pk=number),
                organization_id=shop.organization.pk,
                payload={"number": number},
            )
            for number in numbers
        )

    return happen


def unsent():
    rows = OutboxEvent.objects.filter(sent_at__isnull=True).order_by("pk")
    return list(rows.values_list("subject_id", flat=True))


def later(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def outbox(*words):
    printed = io.StringIO()
    call_command("outbox", *words, stdout=printed)
    return printed.getvalue().splitlines()


def test_every_listener_hears_every_event_once_and_in_order(happens, listen):
    first, second = listen("first"), listen("second")
    happens(3, 1, 2)

    sent = [relay_events(chunk=2), relay_events()]

    assert sent == [3, 0]
    assert first.heard == second.heard == [3, 1, 2]
    assert unsent() == []


def test_what_nobody_listens_to_is_sent_when_it_is_written(happens, listen):
    listener = listen("one")

    happens(1, kind=OTHER)

    assert unsent() == []
    assert relay_events() == 0
    assert listener.heard == []


def test_what_nobody_listens_to_any_more_is_closed(happens, listen):
    happens(1, kind=OTHER)
    OutboxEvent.objects.update(sent_at=None)
    listen("one")

    assert relay_events() == 0

    assert unsent() == []


@pytest.mark.proves("F16")
def test_an_event_that_cannot_be_taken_is_overtaken_and_parked_after_three_tries(
    happens, listen, log
):
    listener = listen("one", chokes_on=(1,))
    before = EVENTS_PARKED.labels(KIND)._value.get()
    happens(1, 2, 3)

    sent = [relay_events(now=later(seconds)) for seconds in (0, 1, 20, 100, 9999)]

    assert sent == [2, 0, 0, 0, 0]
    assert listener.heard == [2, 3]
    assert "447400123456" not in log.getvalue()
    assert "ValueError" in log.getvalue()
    parked = OutboxEvent.objects.get(subject_id=1)
    assert (parked.attempts, parked.last_error) == (3, "one: ValueError")
    assert parked.parked_at is not None
    assert EVENTS_PARKED.labels(KIND)._value.get() == before + 1


@pytest.mark.proves("F16")
def test_who_had_an_event_does_not_get_it_again_when_another_chokes(happens, listen):
    fine, choking = listen("fine"), listen("choking", chokes_on=(1,))
    happens(1)
    relay_events()
    choking.chokes_on = ()

    sent = relay_events(now=later(60))

    assert sent == 1
    assert fine.heard == choking.heard == [1]


@pytest.mark.proves("F16")
def test_a_parked_event_is_listed_and_tried_again_when_a_person_says_so(happens, listen):
    listener = listen("one", chokes_on=(1,))
    happens(1)
    for seconds in (0, 20, 100):
        relay_events(now=later(seconds))
    parked = OutboxEvent.objects.get()
    listed = outbox("list")
    listener.chokes_on = ()

    said = outbox("retry", str(parked.event_id))

    assert listed == [
        f"{parked.event_id} {KIND} core.store:1 parked one: ValueError",
        "1 events not sent, 1 of them parked",
    ]
    assert said == [f"{parked.event_id} {KIND} will be tried again"]
    assert relay_events() == 1
    assert listener.heard == [1]
    assert outbox("list") == ["0 events not sent, 0 of them parked"]
    assert outbox("retry", "--all") == ["0 events will be tried again"]


def test_only_a_parked_event_can_be_tried_again(happens, listen):
    listen("one")
    happens(1)

    for words in (["retry"], ["retry", str(OutboxEvent.objects.get().event_id)]):
        with pytest.raises(CommandError):
            outbox(*words)

    assert unsent() == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.proves("F1")
def test_several_relays_at_once_hand_each_event_on_once(happens, listen):
    listener = listen("one")
    happens(*range(40))

    sent = race(*[lambda: relay_events(chunk=5)] * 4)

    assert sum(sent) == 40
    assert sorted(listener.heard) == [*range(40)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.proves("F1")
def test_relays_that_do_not_claim_what_they_take_hand_events_on_twice(happens, listen, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    listener = listen("one")
    monkeypatch.setattr(outbox_service, "unlocked", lambda rows: rows)

    def attempt(serial):
        happens(*range(100 * serial, 100 * serial + 40))
        race(*[lambda: relay_events(chunk=5)] * 4)
        return len(listener.heard) > len(set(listener.heard))

    assert seen(attempt)


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("F3")
def test_a_relay_that_dies_before_its_commit_has_done_nothing(happens, listen):
    listener = listen("one")
    happens(1, 2)

    with transaction.atomic():
        relay_events()
        transaction.set_rollback(True)  # as the database does when the process is gone

    assert (listener.heard, unsent()) == ([], [1, 2])
    assert relay_events() == 2
    assert listener.heard == [1, 2]


def test_what_was_sent_is_forgotten_after_thirty_days_and_nothing_else(happens, listen):
    listen("one", chokes_on=(2,))
    happens(1, 2, 3, 4)
    relay_events()
    age(2, 29)
    age(3, 31)
    age(1, 31)
    OutboxEvent.objects.filter(subject_id=2).update(created_at=later(-40 * 86400))

    forgotten = forget_old_events(batch=1)

    assert forgotten == 2
    left = OutboxEvent.objects.order_by("pk").values_list("subject_id", flat=True)
    assert list(left) == [2, 4]
    assert forget_old_events() == 0


def age(number, days):
    OutboxEvent.objects.filter(subject_id=number).update(created_at=later(-days * 86400))


def test_a_relay_asks_a_fixed_number_of_questions_about_what_is_at_rest(
    happens, listen, django_assert_num_queries
):
    listen("one")
    happens(*range(3))
    relay_events()

    with django_assert_num_queries(6):  # two, each in its transaction
        relay_events()


def test_the_figures_say_how_many_events_wait_and_are_parked(happens, listen, client):
    listen("one", chokes_on=(1,))
    happens(1)
    relay_events()
    happens(2)
    OutboxEvent.objects.filter(subject_id=1).update(parked_at=timezone.now())

    shown = client.get("/metrics").content.decode()

    assert 'regulars_outbox_events{state="parked"} 1.0' in shown
    assert 'regulars_outbox_events{state="waiting"} 1.0' in shown
    assert connection.in_atomic_block


def test_an_unknown_event_is_not_there(db):
    with pytest.raises(Missing):
        retry_event(uuid4())

    assert OutboxEvent.objects.count() == 0
