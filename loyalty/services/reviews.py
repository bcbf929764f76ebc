"""Accounts whose figures do not agree: nothing is spent from them until they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from core import audit
from core.actors import SYSTEM, Actor
from core.invariants import Scope, Violation
from core.locking import lock_one
from core.services.audit_ledger import accounts_named, violations
from loyalty.errors import AccountInconsistent, AccountNotUnderReview
from loyalty.models import Account

TOUCHED = """
    SELECT account.id FROM loyalty_account account
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE (%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s::bigint)
        AND (
            account.created_at >= %(since)s
            OR EXISTS (
                SELECT FROM loyalty_entry entry
                WHERE entry.account_id = account.id AND entry.created_at >= %(since)s
            )
            OR EXISTS (
                SELECT FROM loyalty_lot lot
                WHERE lot.account_id = account.id AND lot.available_at >= %(since)s
            )
            OR EXISTS (
                SELECT FROM loyalty_hold hold WHERE hold.account_id = account.id
                    AND (hold.created_at >= %(since)s OR hold.ended_at >= %(since)s)
            )
        )
"""


def touched_since(since: datetime, *, organization_id: int | None = None) -> list[int]:
    """Return the accounts that something happened to since then, be it that points came.

    That is: those that were opened, had an entry, or began or ended a hold.
    """
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"organization": organization_id, "since": since})
        return [row[0] for row in cursor.fetchall()]


def scope_since(organization_id: int | None, since: datetime | None) -> Scope:
    """Return what an audit looks at: what was touched since then, or everything."""
    if since is None:
        return Scope(organization=organization_id)
    touched = touched_since(since, organization_id=organization_id)
    return Scope(organization=organization_id, accounts=touched, since=since)


def quarantine(found: Iterable[Violation]) -> list[Account]:
    """Put every account that these rows concern under review; return those that were not yet."""
    broken: dict[str, list[Violation]] = defaultdict(list)
    for row in found:
        broken[row.invariant].append(row)
    why: dict[int, set[str]] = defaultdict(set)
    for invariant, rows in broken.items():
        for account_id in accounts_named(rows):
            why[account_id].add(invariant)
    marked = [_quarantine(account_id, why[account_id]) for account_id in sorted(why)]
    return [account for account in marked if account is not None]


@transaction.atomic
def release_account(*, account_id: int, reason: str, actor: Actor = SYSTEM) -> Account:
    """Let an account be spent from again; refused as long as anything about it does not agree."""
    account = lock_one(Account, account_id, "program")
    if account.under_review_since is None:
        raise AccountNotUnderReview
    found = violations(Scope(accounts=[account_id]))
    own = [row for row in found if account_id in accounts_named([row])]
    if own:
        raise AccountInconsistent(rows=[_told(row) for row in own])
    return _mark(account, None, "release_account", reason, actor)


@transaction.atomic
def _quarantine(account_id: int, invariants: set[str]) -> Account | None:
    account = lock_one(Account, account_id, "program")
    if account.under_review_since is not None:
        return None
    return _mark(account, timezone.now(), "quarantine", ", ".join(sorted(invariants)), SYSTEM)


def _mark(
    account: Account, since: datetime | None, verb: str, reason: str, actor: Actor
) -> Account:
    account.under_review_since = since
    account.save(update_fields=["under_review_since"])
    audit.record(
        verb,
        account,
        organization_id=account.program.organization_id,
        actor=actor,
        fields=["under_review_since"],
        reason=reason,
    )
    return account


def _told(row: Violation) -> str:
    return f"{row.invariant} {row.subject}:{row.subject_id} {row.detail}"
