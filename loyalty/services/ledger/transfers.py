"""Points that go to somebody else, and points that are given up."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from loyalty.earning.vocabulary.expiry import Expiry
from loyalty.expiry import read_expiry
from loyalty.lots import free, has_ended
from loyalty.models import Entry
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.postings import Credit, make_lots, spend

Dates = tuple[datetime, datetime | None, Expiry | None]


def transfer(
    book: Book, from_id: int, to_id: int, points: int, cause: Cause
) -> tuple[Entry, Entry]:
    """Hand points that can be spent to another account; they keep the end they had.

    Points that wait, are held or have ended stay where they are. Raises ``InsufficientPoints``.
    """
    given, parts = spend(book, from_id, points, cause, kind=Entry.Kind.TRANSFER)
    received = book.enter(to_id, Entry.Kind.TRANSFER, points, cause)
    sums = Counter[Dates]()
    for lot, part in parts:
        expiry = read_expiry(lot.reckoned_by) if lot.reckoned_by else None
        sums[lot.available_at, lot.expires_at, expiry] += part
    credits_ = [Credit(part, *dates) for dates, part in sums.items()]
    make_lots(book, received, credits_)
    return given, received


def forfeit(book: Book, account_id: int, cause: Cause) -> Entry | None:
    """Let everything go that no hold has set aside, also what is still waiting.

    Nothing is left to give up in an empty account. What is owed stays owed.
    """
    lots = [lot for lot in book.lots[account_id] if free(lot) > 0 and not has_ended(lot, book.now)]
    points = sum(free(lot) for lot in lots)
    if not points:
        return None
    entry = book.enter(account_id, Entry.Kind.FORFEIT, -points, cause)
    for lot in lots:
        book.consume(entry, lot, free(lot))
    return entry
