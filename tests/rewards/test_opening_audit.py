"""Each promise about rewards that open later, broken on purpose."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.services.audit_ledger import violations
from rewards.models import Opening
from rewards.services.openings import open_due
from tests.draws import opened
from tests.shelves import give_back, take, tamper
from tests.shops import open_shop
from tests.vouchers import use


@pytest.fixture
def books(db):
    """Credit that came on its day, tickets that wait, and a voucher that was used after its own."""
    shop = open_shop()
    member = shop.member()
    opened(shop, code="spring", closes_at=timezone.now() + timedelta(days=60))
    tickets = {"draw": "spring", "tickets": 2}
    later = {"opens_after_days": 30, "details": tickets}
    with time_machine.travel(timezone.now() - timedelta(days=5)):
        shop.buys(member, "1000.00")
        take(member, shop.reward(10, kind="gift_card", amount=10, opens_after_days=3))
        treat = take(member, shop.reward(10, opens_after_days=3))
    take(member, shop.reward(10, kind="draw_ticket", **later))
    give_back(take(member, shop.reward(10, kind="draw_ticket", **later)))
    open_due()
    use(treat.voucher)
    assert sorted(Opening.objects.values_list("status", flat=True)) == [
        "canceled",
        "done",
        "waiting",
    ]
    assert violations() == []


@pytest.mark.proves("INV-5x", "INV-5y", "INV-5z")
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE rewards_voucheruse SET used_at = now() - interval '4 d'", "INV-5x"),
        ("UPDATE rewards_voucher SET valid_from = NULL", "INV-5x"),
        ("UPDATE rewards_redemption SET opens_at = now() + interval '1 d'", "INV-5x"),
        ("DELETE FROM rewards_opening WHERE status = 'waiting'", "INV-5y"),
        ("UPDATE rewards_opening SET due_at = due_at - interval '1 d'", "INV-5y"),
        ("UPDATE rewards_redemption SET opens_at = NULL", "INV-5y"),
        (
            "UPDATE rewards_opening SET status = 'canceled', ended_at = now()"
            " WHERE status = 'waiting'",
            "INV-5y",
        ),
        ("UPDATE rewards_giftcardentry SET reference = 'another'", "INV-5z"),
        ("UPDATE rewards_opening SET status = 'done', ended_at = now()", "INV-5z"),
        ("UPDATE rewards_opening SET status = 'waiting', ended_at = NULL", "INV-5z"),
    ],
)
def test_what_is_falsified_is_named(books, statement, broken):
    tamper(statement)

    assert broken in {row.invariant for row in violations()}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rewards_opening SET ended_at = NULL WHERE status = 'done'",
        "UPDATE rewards_opening SET status = 'failed' WHERE status = 'done'",
        "UPDATE rewards_opening SET redemption_id = (SELECT max(id) FROM rewards_redemption)"
        " WHERE status = 'done'",
        "UPDATE rewards_reward SET opens_after_days = 366",
        "UPDATE rewards_reward SET opens_on = '2030-01-01' WHERE opens_after_days = 3",
    ],
)
def test_the_database_keeps_openings_whole(books, statement):
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
