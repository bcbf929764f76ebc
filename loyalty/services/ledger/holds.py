"""Points set aside, and what becomes of them: captured, canceled, expired, or given back."""

from __future__ import annotations

from datetime import datetime

from core.errors import Missing
from core.locking import lock_one
from loyalty.errors import (
    AlreadyReversed,
    HoldAlreadyCaptured,
    HoldCanceled,
    HoldExpired,
)
from loyalty.lots import in_spending_order, is_usable, refuse_short, take
from loyalty.models import Consumption, Entry, Hold, HoldLot, Lot
from loyalty.services.ledger.activity import note_redemption
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.merging import pass_on
from loyalty.services.ledger.putting_back import put_back

ENDED_AS = {
    Hold.Status.CAPTURED: HoldAlreadyCaptured,
    Hold.Status.CANCELED: HoldCanceled,
    Hold.Status.EXPIRED: HoldExpired,
}


def hold(
    book: Book, account_id: int, points: int, *, request_key: str, expires_at: datetime
) -> Hold:
    """Set points aside; nothing else can spend them until the hold ends."""
    book.refuse_under_review(account_id)
    usable = [lot for lot in book.lots[account_id] if is_usable(lot, book.now)]
    held = sum(lot.held for lot in usable)
    refuse_short(points, balance=book.spendable(account_id), held=held)
    made = Hold(
        account=book.accounts[account_id],
        points=points,
        request_key=request_key,
        expires_at=expires_at,
    )
    book.holds.append(made)
    for lot, part in take(in_spending_order(usable), points):
        lot.held += part
        book.hold_parts.append(HoldLot(hold=made, lot=lot, points=part))
    return made


def capture(book: Book, hold_id: int, cause: Cause) -> Entry:
    """Spend what the hold set aside, also from lots that have ended since: the promise stands."""
    held = _open_hold(book, hold_id)
    book.refuse_under_review(held.account_id)
    entry = book.enter(held.account_id, Entry.Kind.REDEEM, -held.points, cause)
    for lot, part in _free_parts(book, held):
        book.consume(entry, lot, part)
    note_redemption(book, held.account_id)
    held.entry = entry
    _end(book, held, Hold.Status.CAPTURED)
    return entry


def cancel(book: Book, hold_id: int) -> Hold:
    """Let go of what the hold set aside; points go back to the same lots."""
    return _let_go(book, _open_hold(book, hold_id), Hold.Status.CANCELED)


def end_overdue(book: Book, hold_id: int) -> Hold | None:
    """Let go of a hold whose time is over; say nothing when somebody ended it before."""
    held = lock_one(Hold, hold_id)
    if held.status != Hold.Status.OPEN or held.expires_at > book.now:
        return None
    return _let_go(book, held, Hold.Status.EXPIRED)


def release(book: Book, entry_id: int, cause: Cause, *, goodwill_days: int | None = None) -> Entry:
    """Undo a redemption: points go back to the lots they came from, or to some days of goodwill.

    How many days, the program says, unless ``goodwill_days`` does for what was redeemed.
    Of an account that was merged meanwhile they go on to the one that carries it on.
    """
    spent = Entry.objects.get(pk=entry_id)
    if Entry.objects.filter(reverses=spent).exists():
        raise AlreadyReversed
    book.bring(Lot.objects.filter(consumptions__entry=spent))
    entry = book.enter(spent.account_id, Entry.Kind.RELEASE, -spent.points, cause, reverses=spent)
    by_pk = _by_pk(book, spent.account_id)
    parts = Consumption.objects.filter(entry=spent, points__gt=0).order_by("pk")
    put_back(
        book,
        entry,
        [(by_pk[part.lot_id], part.points) for part in parts],
        goodwill_days=goodwill_days,
    )
    pass_on(book, spent.account_id, cause)
    return entry


def _open_hold(book: Book, hold_id: int) -> Hold:
    held = lock_one(Hold, hold_id)
    if held.account_id not in book.accounts:
        raise Missing
    if held.status != Hold.Status.OPEN:
        raise ENDED_AS[Hold.Status(held.status)]
    if held.expires_at <= book.now:
        raise HoldExpired
    return held


def _let_go(book: Book, held: Hold, status: Hold.Status) -> Hold:
    _free_parts(book, held)
    _end(book, held, status)
    return held


def _free_parts(book: Book, held: Hold) -> list[tuple[Lot, int]]:
    by_pk = _by_pk(book, held.account_id)
    parts = [(by_pk[part.lot_id], part.points) for part in held.parts.all()]
    for lot, points in parts:
        lot.held -= points
    return parts


def _end(book: Book, held: Hold, status: Hold.Status) -> None:
    held.status = status
    held.ended_at = book.now
    book.ended_holds.append(held)


def _by_pk(book: Book, account_id: int) -> dict[int, Lot]:
    return {lot.pk: lot for lot in book.lots[account_id]}
