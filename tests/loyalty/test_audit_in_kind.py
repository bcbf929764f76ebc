"""Break by SQL what holds for vouchers and for what is carried over, and see it named."""

from decimal import Decimal

import pytest

from core.services.audit_ledger import violations
from tests.loyalty.test_audit import tamper
from tests.shops import assert_audit_is_clean, open_shop

CARRIED = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "tier_credits", "per": "amount", "amount": "50"},
    "carry": True,
}
STRANGER = (
    "SELECT member.id FROM members_member member JOIN core_organization other"
    " ON other.id = member.organization_id WHERE other.slug = 'elsewhere'"
)


@pytest.fixture
def account(db):
    """A member with a granted voucher and with money that is carried over."""
    shop = open_shop()
    open_shop("elsewhere").member()
    member, reward = shop.member(), shop.reward(80)
    voucher = {"type": "voucher", "reward": reward.code}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": voucher})
    shop.add_rule(CARRIED)
    shop.buys(member, "70.00")
    assert_audit_is_clean()
    return shop.account(member).pk


@pytest.mark.proves("INV-5c", "INV-7", "INV-11", "INV-7c", "INV-7d", "INV-7e")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE loyalty_rulecarry SET carried = carried + 1", {"INV-7c"}),
        ("DELETE FROM loyalty_rulecarry", {"INV-7c"}),
        ("UPDATE loyalty_carriedpart SET returned = 10", {"INV-7c"}),
        ("UPDATE loyalty_award SET reversed = 1 WHERE unit = 'credits'", {"INV-7d", "INV-8"}),
        ("UPDATE loyalty_carriedpart SET given = 0", {"INV-7c"}),
        ("UPDATE loyalty_award SET awarded = 0 WHERE unit = 'vouchers'", {"INV-7e"}),
        ("UPDATE loyalty_grant SET cause_id = cause_id + 99", {"INV-7e"}),
        ("UPDATE loyalty_grant SET target = 'another'", {"INV-5c"}),
        ("UPDATE loyalty_grant SET status = 'withdrawn', withdrawn_at = now()", {"INV-5c"}),
        ("DELETE FROM rewards_redemption", {"INV-5c"}),
        ("UPDATE loyalty_award SET entry_id = NULL WHERE unit = 'points'", {"INV-7"}),
        (f"UPDATE loyalty_activity SET once_key = '', member_id = ({STRANGER})", {"INV-11"}),
        (f"UPDATE loyalty_grant SET member_id = ({STRANGER})", {"INV-11"}),
    ],
)
def test_each_broken_promise_is_named(account, statement, broken):
    tamper(statement)

    assert {one.invariant for one in violations()} >= broken


def test_what_is_left_over_is_read_per_account(account):
    tamper(f"UPDATE loyalty_rulecarry SET carried = {Decimal('20.5')}")

    assert [(one.invariant, one.subject_id) for one in violations()] == [("INV-7c", account)]
