"""Rewards over real HTTP: the last one, one hold wanted by several tills, many holds in a batch."""

import json

import pytest

from core.services.audit_ledger import violations
from loyalty.models import Hold
from rewards.models import Redemption
from tests.faults.client import fire, new_key, one, tally
from tests.faults.test_spending_races import ask_until_answered

pytestmark = [pytest.mark.race, pytest.mark.server]

BUYERS = 200
HOLDS = 8


def rush(shop, caller):
    """Let two hundred members with points be about to take the last one."""
    reward = shop.reward(10, stock=1)
    calls = []
    for number in range(BUYERS):
        buyer = shop.member(f"+447400{number:06d}")
        shop.buys(buyer, "10.00")
        body = {"member": str(buyer.public_id), "reward": str(reward.public_id)}
        calls.append(caller("redemptions/", body))
    return reward, calls


@pytest.mark.proves("C1", "case 27", "INV-5")
def test_of_200_buyers_one_has_the_last_reward(audited, caller, live_gunicorn):
    reward, calls = rush(audited, caller)

    outcomes = ask_until_answered(live_gunicorn, calls)

    reward.refresh_from_db()
    assert tally(outcomes) == {"201": 1, "sold_out": BUYERS - 1}
    assert (Redemption.objects.count(), reward.stock) == (1, 0)
    assert Hold.objects.count() == 1


@pytest.mark.proves("C1")
def test_without_locks_the_last_reward_goes_to_several(shop, caller, broken_server):
    """The control: were this to fail, the test above would prove nothing."""
    _reward, calls = rush(shop, caller)

    outcomes = fire(broken_server("forget_locks"), calls[:16])

    assert tally(outcomes)["201"] > 1
    assert "INV-5" in {row.invariant for row in violations()}


def set_aside(shop, member, caller, base, count):
    """Set rewards aside, each of which three tills are about to end in their own way."""
    shop.buys(member, f"{10 * count}.00")
    reward = shop.reward(10, stock=count)
    body = {"member": str(member.public_id), "reward": str(reward.public_id), "hold": True}
    held = [one(base, caller("redemptions/", body)) for _ in range(count)]
    ids = [json.loads(outcome.text)["id"] for outcome in held]
    ends = [
        [
            caller(f"redemptions/{pk}/capture/", {}),
            caller(f"redemptions/{pk}/capture/", {}),
            caller(f"redemptions/{pk}/cancel/", {"reason": "changed their mind"}),
        ]
        for pk in ids
    ]
    return reward, ends


# Handed over, and by whoever came later refused or undone; or let go of, and handed over to nobody.
HANDED_OVER = ("200", "hold_already_captured")
LET_GO_OF = ("hold_already_voided", "hold_already_voided")


@pytest.mark.proves("C10")
def test_what_three_tills_end_at_once_ends_once(audited, member, caller, live_gunicorn):
    reward, ends = set_aside(audited, member, caller, live_gunicorn, HOLDS)

    outcomes = ask_until_answered(live_gunicorn, [call for three in ends for call in three])

    told = [tuple(part.code for part in outcomes[at : at + 3]) for at in range(0, 3 * HOLDS, 3)]
    assert {(*sorted(captures), undone) for *captures, undone in told} <= {
        (*HANDED_OVER, "200"),
        (*LET_GO_OF, "200"),
    }
    reward.refresh_from_db()
    assert audited.balance(member) == 10 * HOLDS
    assert reward.stock == HOLDS
    assert set(Redemption.objects.values_list("status", flat=True)) == {"canceled"}


@pytest.mark.proves("C10")
def test_of_two_captures_one_wins_and_the_other_is_told_so(audited, member, caller, live_gunicorn):
    reward, ends = set_aside(audited, member, caller, live_gunicorn, HOLDS)

    captures = [call for first, second, _cancel in ends for call in (first, second)]
    outcomes = ask_until_answered(live_gunicorn, captures)

    assert tally(outcomes) == {"200": HOLDS, "hold_already_captured": HOLDS}
    reward.refresh_from_db()
    assert (audited.balance(member), reward.stock) == (0, 0)


@pytest.mark.proves("C10")
def test_without_locks_two_tills_do_hand_over_the_same(
    shop, member, caller, live_gunicorn, broken_server
):
    """The control: nothing but the numbers of the entries stops them then, by accidents."""
    _reward, ends = set_aside(shop, member, caller, live_gunicorn, HOLDS)

    captures = [call for first, second, _cancel in ends for call in (first, second)]
    outcomes = fire(broken_server("forget_locks"), captures)

    assert tally(outcomes).keys() - {"200", "hold_already_captured"} or violations() != []


def in_batch(caller, *calls):
    """Compose one request of several calls."""
    rows = [{"path": call.path, "idempotency_key": new_key(), "body": call.body} for call in calls]
    return caller("batches/", {"calls": rows})


def rows_of(outcome):
    assert outcome.status == 200, outcome.text
    return [
        str(row["status"]) if row["status"] < 400 else row["body"]["code"]
        for row in json.loads(outcome.text)["answers"]
    ]


@pytest.mark.proves("C8", "case 26")
def test_of_two_holds_of_100_on_a_balance_of_100_the_second_is_refused_by_itself(
    audited, member, caller, live_gunicorn
):
    audited.buys(member, "100.00")
    reward = audited.reward(100)
    body = {"member": str(member.public_id), "reward": str(reward.public_id), "hold": True}
    wish = caller("redemptions/", body)

    rows = rows_of(one(live_gunicorn, in_batch(caller, wish, wish)))

    assert rows == ["201", "points_held"]
    assert Hold.objects.filter(status="open").count() == 1
    assert audited.balance(member) == 0


@pytest.mark.proves("C8")
def test_many_batches_confirm_what_was_set_aside_once_and_say_so_row_by_row(
    audited, member, caller, live_gunicorn
):
    audited.buys(member, "100.00")
    reward = audited.reward(100)
    body = {"member": str(member.public_id), "reward": str(reward.public_id), "hold": True}
    held = json.loads(one(live_gunicorn, caller("redemptions/", body)).text)["id"]
    confirm = caller(f"redemptions/{held}/capture/", {})
    take = caller("redemptions/", {"member": body["member"], "reward": body["reward"]})

    batches = [in_batch(caller, confirm, take) for _ in range(10)]
    rows = [rows_of(outcome) for outcome in fire(live_gunicorn, batches)]

    firsts = sorted(first for first, _second in rows)
    assert firsts == ["200", *["hold_already_captured"] * 9]
    assert {second for _first, second in rows} <= {"points_held", "insufficient_points"}
    assert audited.balance(member) == 0
    assert Redemption.objects.count() == 1
