"""Accounts appear with the first effect, one per member and program, whoever comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.locking import lock_all
from loyalty.models import Account, AccountHolder
from members.models import Member

Holding = tuple[int, int]


def accounts_for(wanted: Iterable[Holding]) -> dict[Holding, int]:
    """Return account ids by (program, member), opening those that are missing.

    The members are locked before an account is opened, so that two tills open one between them.
    """
    pairs = set(wanted)
    found = _held(pairs)
    missing = sorted(pairs - found.keys())
    if missing:
        lock_all(Member, {member_id for _program_id, member_id in missing})
        found |= _held(set(missing))
        found |= _open([pair for pair in missing if pair not in found])
    return {pair: found[pair] for pair in pairs}


def lock_holders(member_ids: Collection[int]) -> None:
    """Lock members and all their accounts, for whoever does many things to them in a row."""
    lock_all(Member, member_ids)
    held = AccountHolder.objects.filter(member_id__in=member_ids)
    lock_all(Account, held.values_list("account_id", flat=True))


def held_by(program_id: int, member_id: int | None) -> int | None:
    """Return the id of the account a member holds in a program, if there is one."""
    if member_id is None:
        return None
    held = AccountHolder.objects.filter(program_id=program_id, member_id=member_id)
    return held.values_list("account_id", flat=True).first()


def _held(pairs: set[Holding]) -> dict[Holding, int]:
    holders = AccountHolder.objects.filter(
        program_id__in={program_id for program_id, _member_id in pairs},
        member_id__in={member_id for _program_id, member_id in pairs},
    )
    rows = holders.values_list("program_id", "member_id", "account_id")
    return {(program, member): account for program, member, account in rows}


def _open(pairs: list[Holding]) -> dict[Holding, int]:
    accounts = Account.objects.bulk_create(
        Account(program_id=program_id) for program_id, _member_id in pairs
    )
    AccountHolder.objects.bulk_create(
        AccountHolder(account=account, member_id=member_id, program_id=program_id)
        for account, (program_id, member_id) in zip(accounts, pairs, strict=True)
    )
    return {pair: account.pk for pair, account in zip(pairs, accounts, strict=True)}
