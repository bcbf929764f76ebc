"""What happens at once with many sales: one hot row, rules that change, old keys that go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.models import IdempotentRequest
from core.services.requests import forget_old_requests
from loyalty.models import Award
from rewards.models import Redemption
from tests.faults.client import ask
from tests.faults.history import History, slowest
from tests.faults.machine import wait_until

pytestmark = [pytest.mark.race, pytest.mark.server]

BUYERS, EACH = 6, 5
SLOWER = 3  # at most so many times as when everybody takes from a row of their own


@pytest.fixture
def machine(whole_machine):
    """The machine, with its database at work."""
    wait_until(whole_machine.answers)
    return whole_machine


def take(base, stage, rewards, buyers):
    """Let every buyer take some, each of one reward, while somebody else buys."""

    def take_some(member, reward):
        body = {"member": str(member.public_id), "reward": str(reward.public_id)}
        return [ask(base, stage.call("redemptions/", body)) for _time in range(EACH)]

    with ThreadPoolExecutor(BUYERS) as threads:
        taking = [threads.submit(take_some, *pair) for pair in zip(buyers, rewards, strict=True)]
        meanwhile = [ask(base, stage.sale()) for _sale in range(8)]
        return meanwhile, [one for done in taking for one in done.result()]


@pytest.mark.proves("C15", "INV-5")
def test_one_reward_that_everybody_takes_at_once_slows_nobody_who_only_buys(machine, stage):
    history = History()
    hot = stage.shop.reward(5, stock=BUYERS * EACH)
    buyers = [stage.shop.member(f"+44740012360{number}") for number in range(BUYERS)]
    history.fire(machine.web, [stage.sale(member, amount="50.00") for member in buyers])
    apart = [stage.shop.reward(5, stock=EACH) for _buyer in buyers]
    calm_sales, calm = take(machine.web, stage, apart, buyers)

    sales, taken = take(machine.web, stage, [hot] * BUYERS, buyers)

    history.outcomes += [*calm_sales, *calm, *sales, *taken]
    hot.refresh_from_db()
    assert set(history.codes()) == {"201"}
    assert slowest(taken, 0.99) < SLOWER * slowest(calm, 0.99) + 1
    assert slowest(sales) < SLOWER * slowest(calm_sales) + 1
    assert (hot.stock, Redemption.objects.filter(reward=hot).count()) == (0, BUYERS * EACH)
    history.check(machine.said())


def per_pound(points):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": points, "per": "1"},
    }


@pytest.mark.proves("C16")
def test_a_rule_that_changes_under_sales_gives_each_receipt_one_version_of_it(machine, stage):
    history, rule = History(), stage.shop.rule

    def sale_of_three():
        call = stage.sale()
        call.body["lines"] = [
            {"sku": name, "quantity": "1", "amount": "10.00"} for name in ("a", "b", "c")
        ]
        return call

    with history.traffic(machine.web, sale_of_three) as heard:
        for points in (2, 3, 4):
            wait_until(lambda enough=points * 25 - 25: len(heard) >= enough)
            stage.shop.add_version(rule, per_pound(points), since=timezone.now())
        wait_until(lambda: len(heard) >= 100)

    awards = Award.objects.filter(rule_version__rule=rule).select_related("rule_version")
    assert set(history.codes()) == {"201"}
    assert awards.count() == len(history.outcomes)
    assert {award.awarded - 30 * award.rule_version.number for award in awards} == {0}
    assert {award.rule_version.number for award in awards} == {1, 2, 3, 4}
    assert {len(award.lines) for award in awards} == {3}
    history.check(machine.said())


@pytest.mark.proves("I9")
def test_old_keys_go_while_tills_sell_and_old_receipts_are_still_known(machine, stage):
    old = stage.sales(6)
    first = History().fire(machine.web, old)
    keys = IdempotentRequest.objects.filter(key__in=[call.key for call in old])
    keys.update(created_at=timezone.now() - timedelta(days=31))
    history = History()

    with history.traffic(machine.web, stage.sale) as heard, ThreadPoolExecutor(1) as threads:
        forgotten = threads.submit(forget).result()
        wait_until(lambda: len(heard) >= 12)
    left = keys.count()
    again = history.fire(machine.web, old)

    assert ({one.status for one in first}, forgotten, left) == ({201}, 6, 0)
    assert {one.code for one in again} == {"duplicate_receipt"}
    assert {one.code for one in heard} == {"201"}
    history.check(machine.said())


def forget():
    try:
        return forget_old_requests()
    finally:
        connection.close()
