"""What always holds in the ledger; docs/ledger.md tells who enforces each."""

from __future__ import annotations

from loyalty.invariants import (
    balances,
    carries,
    inactivity,
    joins,
    payments,
    purchases,
    requests,
    seals,
    telling,
)

INVARIANTS = [
    *balances.INVARIANTS,
    *inactivity.INVARIANTS,
    *purchases.INVARIANTS,
    *carries.INVARIANTS,
    *payments.INVARIANTS,
    *joins.INVARIANTS,
    *telling.INVARIANTS,
    *requests.INVARIANTS,
    *seals.INVARIANTS,
]

# Whose accounts a row concerns that breaks a promise: those are not spent from until it is mended.
ACCOUNTS_OF = {
    "loyalty.account": "SELECT id FROM loyalty_account WHERE id = ANY(%s::bigint[])",
    "loyalty.accountholder": (
        "SELECT account_id FROM loyalty_accountholder WHERE id = ANY(%s::bigint[])"
    ),
    "loyalty.activity": (
        "SELECT account_id FROM loyalty_award WHERE activity_id = ANY(%s::bigint[])"
    ),
    "loyalty.adjustmentrequest": (
        "SELECT entry.account_id FROM loyalty_entry entry"
        " JOIN loyalty_adjustmentrequest asked ON asked.entry_id = entry.id"
        " WHERE asked.id = ANY(%s::bigint[])"
    ),
    "loyalty.award": "SELECT account_id FROM loyalty_award WHERE id = ANY(%s::bigint[])",
    "loyalty.entry": "SELECT account_id FROM loyalty_entry WHERE id = ANY(%s::bigint[])",
    "loyalty.grant": "SELECT account_id FROM loyalty_grant WHERE id = ANY(%s::bigint[])",
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
        "WITH named AS (SELECT unnest(%s::bigint[]) AS id)"
        " SELECT award.account_id FROM loyalty_award award"
        " JOIN loyalty_awardreversal reversal ON reversal.award_id = award.id"
        " JOIN named ON named.id = reversal.parent_id"
        " UNION SELECT entry.account_id FROM loyalty_entry entry"
        " JOIN loyalty_payment payment ON payment.purchase_id = entry.cause_id"
        " JOIN loyalty_pointsputback back ON back.payment_id = payment.id"
        " JOIN named ON named.id = back.parent_id"
        " WHERE entry.cause = 'purchase' AND entry.kind = 'redeem'"
    ),
}
