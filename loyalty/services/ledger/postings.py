"""Points that come, and adjustments by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.bulk import fresh
from loyalty.earning.vocabulary.expiry import Expiry
from loyalty.errors import InsufficientPoints
from loyalty.expiry import written_expiry
from loyalty.lots import has_ended, in_spending_order, is_usable, take
from loyalty.models import Account, Entry, Lot
from loyalty.services.ledger.activity import end_for
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.expiry import expire


@dataclass(frozen=True, slots=True)
class Credit:
    """Points that become available and end together.

    Those that await an event lapse at their end unless it comes before. ``reckoned_by`` is the
    expiry by which the end is reckoned anew, then or when the holders are active.
    """

    points: int
    available_at: datetime
    expires_at: datetime | None
    reckoned_by: Expiry | None = None
    awaits_event: bool = False


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
    account = book.accounts[account_id]
    make_lots(book, entry, [_as_active(account, credit) for credit in credits_])
    return entry


def make_lots(book: Book, entry: Entry, credits_: Iterable[Credit]) -> None:
    """Give an entry's points their lots; debt is paid first, from those that wait for no event."""
    lots = [_lot(book, entry, credit) for credit in credits_]
    book.lots[entry.account_id].extend(lots)
    book.repay_debt(entry, [lot for lot in lots if not lot.awaits_event])
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


def _as_active(account: Account, credit: Credit) -> Credit:
    """Return the credit with the end it has because the holders were active since it came."""
    if credit.reckoned_by is None or credit.awaits_event:
        return credit
    end = end_for(account, credit.available_at, credit.reckoned_by)
    return replace(credit, expires_at=end)


def _lot(book: Book, entry: Entry, credit: Credit) -> Lot:
    return fresh(
        Lot,
        account=book.accounts[entry.account_id],
        entry=entry,
        points=credit.points,
        remaining=credit.points,
        held=0,
        available_at=credit.available_at,
        expires_at=credit.expires_at,
        awaits_event=credit.awaits_event,
        reckoned_by=credit.reckoned_by and written_expiry(credit.reckoned_by),
    )
