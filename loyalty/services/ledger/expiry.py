"""Points that end: each lot by its own date, and only what is left in it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from core.models import Organization
from loyalty.lots import free, has_ended
from loyalty.models import Entry, Lot
from loyalty.services.ledger.book import Book, Cause
from loyalty.waiting import NEVER_SETTLED


def expire(book: Book, account_id: int) -> list[Entry]:
    """Book what has ended by now, one entry per due date; held points wait for their hold.

    Points whose purchase was not settled in time are canceled by an entry of their own.
    """
    due: dict[tuple[datetime, bool], list[Lot]] = defaultdict(list)
    for lot in book.lots[account_id]:
        if has_ended(lot, book.now) and free(lot) > 0:
            assert lot.expires_at is not None, "a lot that has ended has an end"
            due[lot.expires_at, lot.awaits_event].append(lot)
    entries = []
    for at, was_awaited in sorted(due):
        cause = _cause(book, account_id, at, was_awaited=was_awaited)
        entries.append(_expire(book, account_id, cause, due[at, was_awaited]))
    return entries


def _expire(book: Book, account_id: int, cause: Cause, lots: list[Lot]) -> Entry:
    points = sum(free(lot) for lot in lots)
    entry = book.enter(account_id, Entry.Kind.EXPIRE, -points, cause)
    for lot in lots:
        book.consume(entry, lot, free(lot))
    return entry


def _cause(book: Book, account_id: int, at: datetime, *, was_awaited: bool) -> Cause:
    account = book.accounts[account_id]
    request_key = f"expire:{account.sequence + 1}"
    if not was_awaited:
        return Cause("expiry", None, request_key, at)
    reason = never_settled(account.program.organization)
    return Cause(NEVER_SETTLED, None, request_key, at, reason)


def never_settled(organization: Organization) -> str:
    """Say, in the organization's language, why points that were awaited have ended."""
    with translation.override(organization.language):
        return _("The purchase was never settled.")
