"""Points that come back because what they were spent on was undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.days import local_day, start_of_day
from loyalty.lots import has_ended, total
from loyalty.models import Entry, Lot
from loyalty.services.ledger.activity import reckon_returned
from loyalty.services.ledger.book import Book
from loyalty.services.ledger.expiry import expire
from loyalty.services.ledger.postings import Credit, make_lots


def put_back(
    book: Book,
    entry: Entry,
    parts: Sequence[tuple[Lot, int]],
    *,
    goodwill_days: int | None = None,
) -> None:
    """Put points back into the lots they came from, with their own end; debt is paid first.

    What has ended meanwhile is gone at once, unless the program (or, before it, whoever calls)
    grants it some days more: then those points get a lot of their own.
    """
    reckon_returned(book, [lot for lot, _points in parts])
    program = book.accounts[entry.account_id].program
    days = program.terms.goodwill_days if goodwill_days is None else goodwill_days
    ended = [(lot, points) for lot, points in parts if days and has_ended(lot, book.now)]
    kept = [part for part in parts if part not in ended]
    for lot, points in kept:
        book.consume(entry, lot, -points)
    book.repay_debt(entry, [lot for lot, _points in kept])
    if ended:
        make_lots(book, entry, [_goodwill(total(ended), days, book.now, program.organization.zone)])
    expire(book, entry.account_id)


def _goodwill(points: int, days: int, now: datetime, zone: ZoneInfo) -> Credit:
    """Return points that can be spent from now on, and all through so many days after today."""
    return Credit(points, now, start_of_day(local_day(now, zone) + timedelta(days=days + 1), zone))
