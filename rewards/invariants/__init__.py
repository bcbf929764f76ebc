"""What always holds for rewards; docs/ledger.md tells who enforces each."""

from __future__ import annotations

from rewards.invariants import catalog, discounts, draws, gift_cards, redemptions, vouchers

INVARIANTS = [
    *catalog.INVARIANTS,
    *discounts.INVARIANTS,
    *redemptions.INVARIANTS,
    *vouchers.INVARIANTS,
    *gift_cards.INVARIANTS,
    *draws.INVARIANTS,
]

# Whose account a row concerns that breaks a promise; stock concerns nobody's.
ACCOUNTS_OF = {
    "rewards.redemption": "SELECT account_id FROM rewards_redemption WHERE id = ANY(%s::bigint[])",
}
