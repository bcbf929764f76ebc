"""Points that end: each lot by its own date, and only what is left in it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from loyalty.lots import free, has_ended
from loyalty.models import Entry, Lot
from loyalty.services.ledger.book import Book, Cause


def expire(book: Book, account_id: int) -> list[Entry]:
    """Book what has ended by now, one entry per due date; held points wait for their hold."""
    due: dict[datetime, list[Lot]] = defaultdict(list)
    for lot in book.lots[account_id]:
        if has_ended(lot, book.now) and free(lot) > 0:
            assert lot.expires_at is not None, "a lot that has ended has an end"
            due[lot.expires_at].append(lot)
    return [_expire(book, account_id, at, due[at]) for at in sorted(due)]


def _expire(book: Book, account_id: int, at: datetime, lots: list[Lot]) -> Entry:
    next_sequence = book.accounts[account_id].sequence + 1
    cause = Cause("expiry", None, f"expire:{next_sequence}", at)
    points = sum(free(lot) for lot in lots)
    entry = book.enter(account_id, Entry.Kind.EXPIRE, -points, cause)
    for lot in lots:
        book.consume(entry, lot, free(lot))
    return entry
