"""Where programs, accounts and purchases are found: every answer is scoped to an organization."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Organization
from loyalty.models import Account, AccountHolder, Entry, Program, Purchase, Return
from members.models import Member


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that end next, and the instant from which they are gone."""

    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has: ``balance`` can be spent now, the rest is shown beside it."""

    balance: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    next_expiry: Expiring | None = None


NOTHING = Balance()


def programs_of(organization: Organization) -> QuerySet[Program]:
    """Return the organization's programs, oldest first."""
    return Program.objects.filter(organization=organization).order_by("pk")


def accounts_of(organization: Organization) -> QuerySet[Account]:
    """Return the accounts this organization may see."""
    return Account.objects.filter(program__organization=organization).select_related("program")


def holdings_of(member: Member) -> QuerySet[AccountHolder]:
    """Return the accounts a member holds, oldest program first."""
    return member.holdings.select_related("account", "program").order_by("program_id")


def entries_of(account: Account) -> QuerySet[Entry]:
    """Return the account's facts with what made them."""
    return account.entries.prefetch_related("awards__rule_version__rule")


def purchases_of(organization: Organization) -> QuerySet[Purchase]:
    """Return the organization's receipts, ready to show."""
    return Purchase.objects.filter(organization=organization).select_related("store", "member")


def returns_of(organization: Organization) -> QuerySet[Return]:
    """Return what came back to the organization."""
    return Return.objects.filter(organization=organization).select_related("purchase")


def balances_of(accounts: Iterable[Account], *, now: datetime | None = None) -> dict[int, Balance]:
    """Return what each account has at that instant, whether or not any job has run.

    ``balance`` is what is left of available, unexpired lots, less what is held and owed.
    """
    by_id = {account.pk: account for account in accounts}
    if not by_id:
        return {}
    rows = _lot_sums(list(by_id), now or timezone.now())
    return {pk: _balance(account, rows.get(pk)) for pk, account in by_id.items()}


def balance_of(account: Account, *, now: datetime | None = None) -> Balance:
    """Return what one account has."""
    return balances_of([account], now=now)[account.pk]


LotSums = tuple[int, int, int, datetime | None, int]


def _lot_sums(account_ids: list[int], now: datetime) -> dict[int, LotSums]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id,
                coalesce(sum(remaining - held) FILTER (WHERE available_at <= %(now)s), 0),
                coalesce(sum(remaining) FILTER (WHERE available_at > %(now)s), 0),
                sum(held),
                min(expires_at) FILTER (WHERE available_at <= %(now)s AND remaining > held),
                coalesce(sum(remaining - held) FILTER (
                    WHERE available_at <= %(now)s AND expires_at = next_at), 0)
            FROM (
                SELECT account_id, remaining, held, available_at, expires_at,
                    min(expires_at) FILTER (WHERE available_at <= %(now)s AND remaining > held)
                        OVER (PARTITION BY account_id) AS next_at
                FROM loyalty_lot
                WHERE account_id = ANY(%(accounts)s) AND remaining > 0
                    AND (expires_at IS NULL OR expires_at > %(now)s)
            ) lot
            GROUP BY account_id
            """,
            {"accounts": account_ids, "now": now},
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _balance(account: Account, sums: LotSums | None) -> Balance:
    if sums is None:
        return Balance(balance=-account.debt, debt=account.debt)
    free, pending, held, expires_at, expiring = sums
    return Balance(
        balance=int(free) - account.debt,
        pending=int(pending),
        held=int(held),
        debt=account.debt,
        next_expiry=Expiring(int(expiring), expires_at) if expires_at else None,
    )
