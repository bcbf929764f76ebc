"""Points that come, and adjustments by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.errors import InsufficientPoints
from loyalty.lots import has_ended, in_spending_order, is_usable, take
from loyalty.models import Entry, Lot
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.expiry import expire


@dataclass(frozen=True, slots=True)
class Credit:
    """Points that become available and end together."""

    points: int
    available_at: datetime
    expires_at: datetime | None


def earn(
    book: Book,
    account_id: int,
    credits_: Sequence[Credit],
    cause: Cause,
    *,
    kind: Entry.Kind = Entry.Kind.EARN,
) -> Entry:
    """Give points: one entry, one lot per credit; debt is paid from them first.

    A lot that is already past its end, as a late receipt can make one, expires at once.
    """
    entry = book.enter(account_id, kind, sum(credit.points for credit in credits_), cause)
    make_lots(book, entry, credits_)
    return entry


def make_lots(book: Book, entry: Entry, credits_: Iterable[Credit]) -> None:
    """Give an entry's points their lots; debt is paid from them first."""
    lots = [_lot(book, entry, credit) for credit in credits_]
    book.lots[entry.account_id].extend(lots)
    book.repay_debt(entry, lots)
    if any(has_ended(lot, book.now) for lot in lots):
        expire(book, entry.account_id)


def adjust(book: Book, account_id: int, points: int, cause: Cause, credit: Credit) -> Entry:
    """Correct a balance by hand; points can be taken only as far as they can be spent."""
    if points > 0:
        return earn(book, account_id, [credit], cause, kind=Entry.Kind.ADJUST)
    entry, _parts = spend(book, account_id, -points, cause, kind=Entry.Kind.ADJUST)
    return entry


def spend(
    book: Book, account_id: int, points: int, cause: Cause, *, kind: Entry.Kind
) -> tuple[Entry, list[tuple[Lot, int]]]:
    """Take points that can be spent now; return the entry, and what each lot gave."""
    book.refuse_under_review(account_id)
    available = book.spendable(account_id)
    if available < points:
        raise InsufficientPoints(balance=available, needed=points)
    entry = book.enter(account_id, kind, -points, cause)
    usable = [lot for lot in book.lots[account_id] if is_usable(lot, book.now)]
    parts = take(in_spending_order(usable), points)
    for lot, part in parts:
        book.consume(entry, lot, part)
    return entry, parts


def _lot(book: Book, entry: Entry, credit: Credit) -> Lot:
    return Lot(
        account=book.accounts[entry.account_id],
        entry=entry,
        points=credit.points,
        remaining=credit.points,
        held=0,
        available_at=credit.available_at,
        expires_at=credit.expires_at,
    )
