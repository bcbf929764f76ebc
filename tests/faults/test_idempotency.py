import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.models import IdempotentRequest
from loyalty.models import Entry
from tests.faults.client import fire, new_key, one, tally

pytestmark = [pytest.mark.race, pytest.mark.server]


def redemption(shop, member):
    """Compose a redemption that the member can pay for many times."""
    shop.buys(member, "5000.00")
    return {"member": str(member.public_id), "reward": str(shop.reward(10).public_id)}


def spent(shop, member):
    return -sum(points for kind, points, _after in shop.entries(member) if kind == "redeem")


@pytest.mark.proves("I1")
def test_a_storm_of_one_key_with_two_bodies_has_one_effect(audited, member, caller, live_gunicorn):
    body, key = redemption(audited, member), new_key()
    other = {**body, "hold": True}
    calls = [caller("redemptions/", [body, other][turn % 2], key=key) for turn in range(200)]

    outcomes = fire(live_gunicorn, calls)

    assert tally(outcomes) == {"201": 100, "idempotency_key_reused": 100}
    assert len({outcome.text for outcome in outcomes if outcome.status == 201}) == 1
    replayed = [o for o in outcomes if o.headers.get("Idempotency-Replayed") == "true"]
    assert len(replayed) == 99
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.proves("I1")
def test_without_keys_the_same_storm_has_many_effects(shop, member, caller, broken_server):
    """The control: were this to fail, the test above would prove nothing."""
    body, key = redemption(shop, member), new_key()

    outcomes = fire(
        broken_server("forget_keys"), [caller("redemptions/", body, key=key) for _ in range(20)]
    )

    assert tally(outcomes) == {"201": 20}
    assert spent(shop, member) == 200


@pytest.mark.proves("I2")
def test_a_twin_of_a_running_request_is_told_to_wait_and_then_gets_its_answer(
    audited, member, caller, broken_server
):
    call = caller("redemptions/", redemption(audited, member))
    base = broken_server("wait_before_commit")
    broken_server.trigger.touch()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(one, base, call)
        while broken_server.trigger.exists():
            time.sleep(0.02)

        twins = fire(base, [call] * 5)
        broken_server.trigger.with_suffix(".go").touch()

    assert tally(twins) == {"request_in_progress": 5}
    assert {twin.headers["Retry-After"] for twin in twins} == {"1"}
    assert first.result().status == 201
    afterwards = one(base, call)
    assert (afterwards.status, afterwards.text) == (201, first.result().text)
    assert spent(audited, member) == 10


@pytest.mark.proves("I3")
def test_a_server_killed_inside_the_transaction_leaves_nothing_and_the_retry_does_it_once(
    audited, member, caller, broken_server
):
    call = caller("redemptions/", redemption(audited, member))
    base = broken_server("die_before_commit")
    broken_server.trigger.touch()

    lost = one(base, call)
    left = (IdempotentRequest.objects.count(), spent(audited, member))
    retried = one(base, call)

    assert (lost.status, left) == (None, (0, 0))
    assert (retried.status, retried.headers.get("Idempotency-Replayed")) == (201, None)
    assert spent(audited, member) == 10


@pytest.mark.proves("I4")
def test_a_server_killed_after_the_commit_answers_the_retry_with_what_it_did(
    audited, member, caller, broken_server
):
    call = caller("redemptions/", redemption(audited, member))
    base = broken_server("die_after_commit")
    broken_server.trigger.touch()

    lost = one(base, call)
    done = spent(audited, member)
    retried = one(base, call)

    assert (lost.status, done) == (None, 10)
    assert (retried.status, retried.headers["Idempotency-Replayed"]) == (201, "true")
    assert spent(audited, member) == 10


@pytest.mark.proves("I5")
def test_a_refusal_is_remembered_under_its_key_even_when_points_have_come(
    audited, member, caller, live_gunicorn
):
    audited.buys(member, "5.00")
    body = {"member": str(member.public_id), "reward": str(audited.reward(10).public_id)}
    call = caller("redemptions/", body)
    refused = one(live_gunicorn, call)
    audited.buys(member, "100.00")

    again = one(live_gunicorn, call)
    fresh = one(live_gunicorn, caller("redemptions/", body))

    assert (refused.code, again.code) == ("insufficient_points", "insufficient_points")
    assert again.text == refused.text
    assert fresh.status == 201
    assert Entry.objects.filter(kind="redeem").count() == 1
