"""Break by SQL what holds for parcels and pickups, and see it named."""

import pytest

from core.models import Store
from core.services.audit_ledger import violations
from tests.deliveries import done, placed, ready, taken
from tests.shelves import give_back, take, tamper
from tests.shops import assert_audit_is_clean, open_shop

NO_CHECKS = """
    DO $$ DECLARE one text; BEGIN
        FOR one IN SELECT conname FROM pg_constraint
            WHERE conrelid = 'rewards_fulfillment'::regclass AND contype = 'c' LOOP
            EXECUTE format('ALTER TABLE rewards_fulfillment DROP CONSTRAINT %I', one);
        END LOOP;
    END $$
"""
OF_COFFEE = "(SELECT id FROM rewards_redemption WHERE name = 'Coffee' AND status = 'issued')"


@pytest.mark.proves("INV-F1", "INV-F2", "INV-F3", "INV-11")
@pytest.mark.parametrize(
    ("why", "statement", "broken"),
    [
        ("lost", "DELETE FROM rewards_fulfillment WHERE status = 'waiting'", "INV-F1"),
        ("other way", "UPDATE rewards_fulfillment SET method = 'pickup'", "INV-F1"),
        (
            "of nothing",
            f"UPDATE rewards_fulfillment SET redemption_id = {OF_COFFEE} WHERE status = 'waiting'",
            "INV-F1",
        ),
        (
            "before it was had",
            "UPDATE rewards_fulfillment SET redemption_id = "
            "(SELECT id FROM rewards_redemption WHERE status = 'held') WHERE status = 'waiting'",
            "INV-F1",
        ),
        (
            "sent, and still good",
            "UPDATE rewards_voucher SET status = 'issued' WHERE status = 'used'",
            "INV-F2",
        ),
        (
            "canceled, and still good",
            "UPDATE rewards_voucher SET status = 'issued' WHERE status = 'canceled'",
            "INV-F2",
        ),
        (
            "waiting, and used",
            "UPDATE rewards_voucher SET status = 'used', uses = 1, used_at = now(), used_by = 'x'"
            " WHERE status = 'issued'",
            "INV-F2",
        ),
        (
            "lapses while the shop is at work",
            "UPDATE rewards_voucher SET valid_until = now() + interval '1 day'",
            "INV-F2",
        ),
        ("nobody sent it", "UPDATE rewards_fulfillment SET done_at = NULL", "INV-F3"),
        ("nobody packed it", "UPDATE rewards_fulfillment SET ready_at = NULL", "INV-F3"),
        ("nobody canceled it", "UPDATE rewards_fulfillment SET canceled_at = NULL", "INV-F3"),
        ("moved itself", "UPDATE rewards_fulfillment SET opened_at = now()", "INV-F3"),
        (
            "theirs",
            "UPDATE rewards_fulfillment SET store_id ="
            " (SELECT id FROM core_store WHERE name = 'Theirs') WHERE status = 'open'",
            "INV-11",
        ),
    ],
)
def test_each_broken_promise_is_named(db, why, statement, broken):
    shop = open_shop()
    other = open_shop("elsewhere")
    Store.objects.filter(organization=other.organization).update(name="Theirs")
    member = shop.member()
    shop.buys(member, "500.00")
    for made in (taken, placed, ready, done):
        made(shop, member)
    give_back(placed(shop, member).redemption)
    take(member, shop.reward(10, name="Coffee"))
    take(member, shop.reward(10, name="Later", delivery="shipping"), hold_seconds=60)
    assert_audit_is_clean()

    tamper(NO_CHECKS)
    tamper(statement)

    assert broken in {row.invariant for row in violations()}
