"""Accounts appear with the first effect, one per member and program, whoever comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection

from core.bulk import array
from core.locking import lock_rows
from loyalty.models import Account, AccountHolder
from members.services.people import heads_of, led_by, lock_people, lock_people_unread

Holding = tuple[int, int]

HELD = """
    SELECT program_id, member_id, account_id
    FROM loyalty_accountholder JOIN unnest(%s::bigint[], %s::bigint[])
        AS wanted(program_id, member_id) USING (program_id, member_id)
"""


def accounts_for(wanted: Iterable[Holding]) -> dict[Holding, int]:
    """Return account ids by (program, member), opening those that are missing.

    Who was merged, or shares points with a household, uses the account of the survivor or the
    head. The members are locked before an account is opened, so that two tills open one.
    """
    pairs = set(wanted)
    found = _held(pairs)
    missing = pairs - found.keys()
    if missing:
        lock_people({member_id for _program_id, member_id in missing})
        found |= _opened(missing)
    return {pair: found[pair] for pair in pairs}


def lock_holders(member_ids: Collection[int]) -> None:
    """Lock members and all their accounts, for whoever does many things to them in a row."""
    locked = lock_people_unread(member_ids)
    held = AccountHolder.objects.filter(member_id__in=locked)
    lock_rows(Account, held.values_list("account_id", flat=True))


def share(*, head_id: int, people: Iterable[int]) -> None:
    """Let these people hold the head's accounts too, in programs where they hold none."""
    held = AccountHolder.objects.filter(member=head_id)
    AccountHolder.objects.bulk_create(
        (
            AccountHolder(account_id=account_id, member_id=member_id, program_id=program_id)
            for program_id, account_id in held.values_list("program_id", "account_id")
            for member_id in people
        ),
        ignore_conflicts=True,
    )


def held_by(program_id: int, member_id: int | None) -> int | None:
    """Return the id of the account a member holds in a program, if there is one."""
    if member_id is None:
        return None
    held = AccountHolder.objects.filter(program_id=program_id, member_id=member_id)
    return held.values_list("account_id", flat=True).first()


def held_accounts(wanted: Iterable[Holding]) -> dict[Holding, int]:
    """Return the ids of the accounts there are, by (program, member), and open none."""
    return _held(set(wanted))


def _held(pairs: set[Holding]) -> dict[Holding, int]:
    programs, members = zip(*pairs, strict=True) if pairs else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(HELD, [array(programs), array(members)])
        return {(program, member): account for program, member, account in cursor.fetchall()}


def _opened(missing: set[Holding]) -> dict[Holding, int]:
    """Return the accounts that these hold from now on, with everybody who shares them."""
    heads = heads_of({member_id for _program_id, member_id in missing})
    wanted = {(program_id, heads[member_id]) for program_id, member_id in missing}
    accounts = _held(wanted)
    accounts |= _open(sorted(wanted - accounts.keys()))
    led = led_by(set(heads.values()))
    holders = [
        AccountHolder(account_id=account_id, member_id=member_id, program_id=program_id)
        for (program_id, head_id), account_id in accounts.items()
        for member_id in led[head_id]
    ]
    AccountHolder.objects.bulk_create(holders, ignore_conflicts=True)
    return {pair: accounts[pair[0], heads[pair[1]]] for pair in missing} | _held(missing)


def _open(pairs: list[Holding]) -> dict[Holding, int]:
    accounts = Account.objects.bulk_create(
        Account(program_id=program_id) for program_id, _member_id in pairs
    )
    return {pair: account.pk for pair, account in zip(pairs, accounts, strict=True)}
