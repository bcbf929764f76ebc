import pytest

from core.services.audit_ledger import violations
from rewards.models import Redemption
from tests.faults.client import fire, tally

pytestmark = [pytest.mark.race, pytest.mark.server]

TABS = 200


def tabs(shop, member, caller, *, hold):
    """Open many tabs, all about to take the same reward with points for five."""
    shop.buys(member, "50.00")
    reward = shop.reward(10)
    body = {"member": str(member.public_id), "reward": str(reward.public_id), "hold": hold}
    return [caller("redemptions/", body) for _ in range(TABS)]


def ask_until_answered(base, calls):
    """Make all calls at once; who is told that the shop is too busy asks again by the same key."""
    outcomes = fire(base, calls)
    for _ in range(10):
        pairs = zip(calls, outcomes, strict=True)
        again = iter(fire(base, [call for call, one in pairs if one.code == "unavailable"]))
        outcomes = [next(again) if one.code == "unavailable" else one for one in outcomes]
    return outcomes


@pytest.mark.proves("C2", "case 25", "case 27")
@pytest.mark.parametrize("hold", [False, True])
def test_points_for_five_rewards_buy_five_in_200_tabs(audited, member, caller, live_gunicorn, hold):
    outcomes = ask_until_answered(live_gunicorn, tabs(audited, member, caller, hold=hold))

    code = "points_held" if hold else "insufficient_points"
    assert tally(outcomes) == {"201": 5, code: TABS - 5}
    assert Redemption.objects.count() == 5
    assert audited.balance(member) == 0


@pytest.mark.proves("C2")
def test_without_locks_200_tabs_do_take_more_than_the_points_pay_for(
    shop, member, caller, broken_server
):
    """The control: were this to fail, the test above would prove nothing."""
    outcomes = fire(broken_server("forget_locks"), tabs(shop, member, caller, hold=True))

    assert tally(outcomes)["201"] > 5
    assert {"INV-2", "INV-3"} <= {row.invariant for row in violations()}
