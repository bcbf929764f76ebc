"""Programs, rules, purchases, accounts and the points ledger."""
