"""Where programs, accounts and purchases are found: every answer is scoped to an organization."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core.errors import Missing
from core.models import Organization
from loyalty.errors import NoProgram, ProgramUnknown
from loyalty.models import (
    Account,
    AccountHolder,
    Entry,
    Program,
    Purchase,
    Return,
    Rule,
    RuleVersion,
)
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


@dataclass(frozen=True, slots=True)
class Holding:
    """A program in which a member has an account, and what is in it."""

    program: Program
    balance: Balance


def programs_of(organization: Organization) -> QuerySet[Program]:
    """Return the organization's programs, oldest first."""
    return Program.objects.filter(organization=organization).order_by("pk")


def chosen_program(organization: Organization, slug: str | None = None) -> Program:
    """Return the program of this short name, or the organization's first live one."""
    programs = programs_of(organization)
    if slug is not None:
        named = programs.filter(slug=slug).first()
        if named is None:
            raise ProgramUnknown
        return named
    first = programs.filter(status=Program.Status.LIVE).first()
    if first is None:
        raise NoProgram
    return first


def public_program(organization: Organization, slug: str | None = None) -> Program:
    """Return the program that members are told about; drafts and ended ones are ``Missing``."""
    told = programs_of(organization).filter(status__in=[Program.Status.LIVE, Program.Status.PAUSED])
    program = (told if slug is None else told.filter(slug=slug)).first()
    if program is None:
        raise Missing
    return program


def rules_in_force(program: Program, *, now: datetime | None = None) -> list[RuleVersion]:
    """Return the version of each active rule that counts at that instant, oldest rule first."""
    begun = RuleVersion.objects.filter(
        rule__program=program,
        rule__status=Rule.Status.ACTIVE,
        effective_from__lte=now or timezone.now(),
    )
    latest = begun.order_by("rule_id", "-number").distinct("rule_id")
    return list(latest.select_related("rule"))


def accounts_of(organization: Organization) -> QuerySet[Account]:
    """Return the accounts this organization may see."""
    return Account.objects.filter(program__organization=organization).select_related("program")


def holdings_of(member: Member) -> QuerySet[AccountHolder]:
    """Return the accounts a member holds, oldest program first."""
    return member.holdings.select_related("account", "program").order_by("program_id")


def balances_held_by(member: Member) -> list[Holding]:
    """Return what a member has in each program, oldest program first."""
    held = list(holdings_of(member))
    balances = balances_of(holder.account for holder in held)
    return [Holding(holder.program, balances[holder.account_id]) for holder in held]


def entries_of(account: Account) -> QuerySet[Entry]:
    """Return the account's facts with what made them."""
    return account.entries.prefetch_related("awards__rule_version__rule")


def entries_held_by(member: Member, *, program: str | None = None) -> QuerySet[Entry]:
    """Return the facts of all accounts a member holds, or of that in one program."""
    held = member.holdings.filter(program__slug=program) if program else member.holdings
    # Ids rather than a subquery: of one account the index gives the newest entries by itself.
    accounts = list(held.values_list("account_id", flat=True))
    entries = Entry.objects.filter(account__in=accounts).select_related("account__program")
    return entries.prefetch_related("awards__rule_version__rule")


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
