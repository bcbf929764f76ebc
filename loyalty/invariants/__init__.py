"""What always holds in the ledger; docs/ledger.md tells who enforces each."""

from __future__ import annotations

from loyalty.invariants import balances, joins, purchases, seals, telling

INVARIANTS = [
    *balances.INVARIANTS,
    *purchases.INVARIANTS,
    *joins.INVARIANTS,
    *telling.INVARIANTS,
    *seals.INVARIANTS,
]

# Whose accounts a row concerns that breaks a promise: those are not spent from until it is mended.
ACCOUNTS_OF = {
    "loyalty.account": "SELECT id FROM loyalty_account WHERE id = ANY(%s::bigint[])",
    "loyalty.accountholder": (
        "SELECT account_id FROM loyalty_accountholder WHERE id = ANY(%s::bigint[])"
    ),
    "loyalty.award": "SELECT account_id FROM loyalty_award WHERE id = ANY(%s::bigint[])",
    "loyalty.entry": "SELECT account_id FROM loyalty_entry WHERE id = ANY(%s::bigint[])",
    "loyalty.hold": "SELECT account_id FROM loyalty_hold WHERE id = ANY(%s::bigint[])",
    "loyalty.lot": "SELECT account_id FROM loyalty_lot WHERE id = ANY(%s::bigint[])",
    "loyalty.purchase": (
        "SELECT account_id FROM loyalty_award WHERE purchase_id = ANY(%s::bigint[])"
    ),
    "loyalty.purchaseline": (
        "SELECT award.account_id FROM loyalty_award award"
        " JOIN loyalty_purchaseline line ON line.purchase_id = award.purchase_id"
        " WHERE line.id = ANY(%s::bigint[])"
    ),
    "loyalty.return": (
        "SELECT award.account_id FROM loyalty_award award"
        " JOIN loyalty_awardreversal reversal ON reversal.award_id = award.id"
        " WHERE reversal.parent_id = ANY(%s::bigint[])"
    ),
}
