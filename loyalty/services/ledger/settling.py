"""Points that waited for their purchase to be settled, and now can be spent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from loyalty.expiry import read_expiry, written_expiry
from loyalty.lots import free, has_ended, in_spending_order, take
from loyalty.models import Consumption, Entry, Lot
from loyalty.services.ledger.book import Book
from loyalty.services.ledger.expiry import expire
from loyalty.waiting import dates_from

OWES = (Entry.Kind.RETURN, Entry.Kind.MERGE)  # what can leave an account owing points


def settle(book: Book, lot_ids: Collection[int]) -> int:
    """Let those of the lots that still wait be spent from now on; return how many points.

    Their life begins now, and what the account owes is paid from them first. It writes no entry:
    the points came when they were earned, and what pays a debt is part of what was taken then.
    """
    settled = [lot for own in book.lots.values() for lot in own if lot.pk in lot_ids]
    settled = [lot for lot in settled if _still_waits(book, lot)]
    points = sum(free(lot) for lot in settled)
    for lot in settled:
        _begin(book, lot)
    for account_id in book.accounts:
        _repay(book, account_id, [lot for lot in settled if lot.account_id == account_id])
        expire(book, account_id)
    return points


def _still_waits(book: Book, lot: Lot) -> bool:
    return lot.awaits_event and not has_ended(lot, book.now) and free(lot) > 0


def _begin(book: Book, lot: Lot) -> None:
    assert lot.reckoned_by is not None, "a lot that waits knows how long it will last"
    zone = book.accounts[lot.account_id].program.organization.zone
    dates = dates_from(book.now, read_expiry(lot.reckoned_by), zone)
    lot.available_at, lot.expires_at = dates.available_at, dates.expires_at
    lot.reckoned_by = dates.reckoned_by and written_expiry(dates.reckoned_by)
    lot.awaits_event = dates.awaits_event
    book.redated.append(lot)


def _repay(book: Book, account_id: int, lots: Sequence[Lot]) -> None:
    """Let what left a debt take from the lots what it could not find before, the newest first."""
    account = book.accounts[account_id]
    if not (account.debt and lots):
        return
    for entry in _owing(account_id):
        owed: int = entry.owed  # type: ignore[attr-defined]  # the query found it
        for lot, part in take(in_spending_order(lots), min(owed, account.debt)):
            book.consume(entry, lot, part)
            account.debt -= part


def _owing(account_id: int) -> list[Entry]:
    """Return the entries that took more than there was, each with what it still owes."""
    consumed = Consumption.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    found = Coalesce(Subquery(consumed.annotate(found=Sum("points")).values("found")), 0)
    entries = Entry.objects.filter(account=account_id, kind__in=OWES, points__lt=0)
    owing = entries.annotate(owed=-F("points") - found).filter(owed__gt=0)
    return list(owing.order_by("-sequence"))
