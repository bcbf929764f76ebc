"""What an audit of the ledger looks at; every query of this package is narrowed by it."""

from __future__ import annotations

ORGANIZATION = (
    "(%(organization)s::bigint IS NULL OR {0}.organization_id = %(organization)s::bigint)"
)
ACCOUNT = "(%(accounts)s::bigint[] IS NULL OR {0} = ANY(%(accounts)s::bigint[]))"
SINCE = "(%(since)s::timestamptz IS NULL OR {0} >= %(since)s::timestamptz)"

# What is summed up is narrowed too, or one account would cost as much as all.
OWN = f"WHERE {ACCOUNT.format('account_id')}"
HERE = f"{ORGANIZATION.format('program')} AND {ACCOUNT.format('account.id')}"
ACCOUNTS = "loyalty_account account JOIN loyalty_program program ON program.id = account.program_id"


def of_account(alias: str) -> str:
    """Return the joins from a row that belongs to an account to its program."""
    return (
        f"JOIN loyalty_account account ON account.id = {alias}.account_id"
        " JOIN loyalty_program program ON program.id = account.program_id"
    )
