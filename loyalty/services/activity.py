"""Whose inactivity is counted, asked for purchases that earned nothing."""

from __future__ import annotations

from collections.abc import Iterable

from loyalty.models import AccountHolder
from loyalty.services.accounts import Holding


def counting_accounts(holdings: Iterable[Holding]) -> dict[Holding, int]:
    """Return the accounts, of those by (program, member), to which it matters that they bought."""
    wanted = set(holdings)
    if not wanted:
        return {}
    holders = AccountHolder.objects.filter(
        program_id__in={program_id for program_id, _member_id in wanted},
        member_id__in={member_id for _program_id, member_id in wanted},
        account__counts_activity=True,
    )
    rows = holders.values_list("program_id", "member_id", "account_id")
    found = {(program, member): account for program, member, account in rows}
    return {holding: found[holding] for holding in wanted & found.keys()}
