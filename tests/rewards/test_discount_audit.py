"""Each promise about discounts, broken on purpose."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from rewards.models import Reward
from rewards.services.redemptions import redeem
from tests.benefits import TEN_PERCENT, switch_on
from tests.loyalty.test_audit import tamper
from tests.rewards.receipts import receipt
from tests.shops import open_shop

LINES = [{"sku": "tea", "quantity": "1", "amount": "20.00"}]


@pytest.fixture
def shop(db):
    """A shop whose books are falsified, so that nobody asks for a clean audit."""
    return open_shop()


@pytest.fixture
def sold(api, shop, member):
    shop.settle(point_value="1", pay_with_points={})
    shop.buys(member, "100.00")
    switch_on(shop, TEN_PERCENT)
    reward = shop.reward(20, kind=Reward.Kind.AMOUNT_OFF, amount=5)
    voucher = redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take"
    ).voucher
    held = {**receipt(lines=LINES, points_to_spend=5), "hold": True}
    del held["external_id"]
    assert api("POST", "quotes/", held).status_code == 201
    answer = api("POST", "purchases/", receipt(lines=LINES, vouchers=[voucher.code]))
    assert answer.status_code == 201
    assert violations() == []


@pytest.mark.proves("INV-20", "INV-20b", "INV-20c", "INV-10b")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE rewards_purchasediscount SET amount = amount + 1", {"INV-20", "INV-20c"}),
        ("""UPDATE rewards_purchasediscount SET lines = '[[9, "2"]]'""", {"INV-20"}),
        ("UPDATE loyalty_purchaseline SET discount = 1", {"INV-20b"}),
        ("UPDATE rewards_voucheruse SET amount = 4", {"INV-20c"}),
        ("DELETE FROM rewards_purchasediscount WHERE source = 'voucher'", {"INV-20c"}),
        ("UPDATE rewards_quote SET ended_at = now()", {"INV-10b"}),
    ],
)
def test_what_is_falsified_is_named(sold, statement, broken):
    tamper(statement)

    assert broken <= {row.invariant for row in violations()}


def test_the_database_keeps_what_was_taken_off(sold):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_purchasediscount SET amount = 1")
