"""A shop system, its twin, the office and the round that cancels, all at the deadline."""

import json
import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.services.due import expire_due_points
from loyalty.services.settling import Settled, settle_purchase
from tests.callers import Caller
from tests.offices import keyed, office_of
from tests.racing import PAUSE_SECONDS, forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

ROUNDS = 6


@pytest.fixture
def waiting(transactional_db):
    """A shop where points wait a day for their purchase."""
    shop = open_shop()
    shop.settle(waits_for={"type": "event", "deadline_days": 1})
    return shop


@pytest.fixture
def desks(waiting, settings):
    """Whoever may settle a purchase from outside: two shop systems, and somebody in the office."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    systems = [Caller(waiting.api_key(name=name)) for name in ("Hook", "Poller")]
    return [*systems, office_of(waiting.organization)]


def everybody(desks, purchase, *, days_ahead):
    """Let all who may settle a purchase do so at once, and two rounds whose clock may be ahead."""
    hook, poller, office = desks
    path = f"purchases/{purchase.public_id}/settle/"
    page = f"/office/high-street/purchases/{purchase.public_id}/settle/"
    ends = partial(expire_due_points, now=timezone.now() + timedelta(days=days_ahead))
    results = race(
        partial(hook.post, path, {}),
        partial(hook.post, path, {}),
        partial(poller.post, path, {}),
        partial(office.post, page, keyed()),
        partial(settle_purchase, purchase_id=purchase.pk, actor=SYSTEM),
        ends,
        ends,
    )
    return results[:3], results[4], sum(results[5:])


@pytest.mark.race
@pytest.mark.proves("C7")
@pytest.mark.parametrize("days_ahead", [0, 3])
def test_a_purchase_is_settled_once_or_canceled_and_never_both(waiting, desks, days_ahead):
    for serial in range(ROUNDS):
        member = waiting.member(f"+4474001234{serial + 10}")
        purchase = waiting.buys(member, "40.00").purchase

        calls, service, canceled = everybody(desks, purchase, days_ahead=days_ahead)

        told = OutboxEvent.objects.filter(kind="purchase.settled", subject_id=purchase.pk)
        settled = told.count()
        done = [call for call in calls if call.status_code == 200]
        refused = {call.json()["code"] for call in calls if call not in done}
        assert settled + canceled == 1
        assert canceled <= days_ahead
        assert settled >= len(done) + isinstance(service, Settled)
        assert refused <= ({"already_settled"} if settled else {"nothing_waits"})
        assert waiting.balance(member) == 40 * settled
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C7")
def test_a_call_that_is_repeated_at_once_settles_once_and_answers_alike(waiting):
    member = waiting.member()
    purchase = waiting.buys(member, "40.00").purchase
    caller = Caller(waiting.api_key())
    call = partial(
        caller.post, f"purchases/{purchase.public_id}/settle/", {}, key="the-same-key-each-time"
    )

    answers = race(call, call, call)

    done = [answer for answer in answers if answer.status_code == 200]
    others = [json.loads(answer.content)["code"] for answer in answers if answer not in done]
    assert done
    assert set(others) <= {"request_in_progress"}
    assert len({answer.content for answer in done}) == 1
    assert OutboxEvent.objects.filter(kind="purchase.settled").count() == 1
    assert waiting.balance(member) == 40


@pytest.mark.race
@pytest.mark.proves("C7")
def test_without_locks_only_the_outbox_notices_that_a_purchase_is_settled_twice(
    waiting, monkeypatch
):
    """The control: were this to fail, the tests above would prove nothing."""
    member = waiting.member()
    forget_locks(monkeypatch)

    def attempt(_serial):
        purchase = waiting.buys(member, "40.00").purchase
        settle = partial(settle_purchase, purchase_id=purchase.pk, actor=SYSTEM)
        results = race(settle, settle)
        return any("event_is_told_once" in str(one) for one in results)

    assert seen(attempt)


@pytest.mark.race
@pytest.mark.proves("C7")
def test_without_locks_points_are_settled_that_a_round_cancels(waiting, monkeypatch):
    """The control of the rounds."""
    member = waiting.member()
    forget_locks(monkeypatch)
    later = timezone.now() + timedelta(days=3)

    def end():
        time.sleep(PAUSE_SECONDS)  # settling dawdles once more, at the purchase
        return expire_due_points(now=later)

    def attempt(_serial):
        purchase = waiting.buys(member, "40.00").purchase
        settle = partial(settle_purchase, purchase_id=purchase.pk, actor=SYSTEM)
        settled, canceled = race(settle, end)
        return isinstance(settled, Settled) and canceled == 1

    assert seen(attempt)
