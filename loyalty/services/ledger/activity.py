"""Inactivity: what the holders do themselves moves the end of points that wait for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loyalty.earning.vocabulary.expiry import ExpiresWhenInactive, Expiry
from loyalty.expiry import expires_at, moves_with_activity, read_expiry
from loyalty.lots import NEVER, has_ended
from loyalty.models import Account, Lot
from loyalty.services.ledger.book import Book


def note_purchases(book: Book, visits: Iterable[tuple[int, datetime]]) -> None:
    """Note who bought something and when; lots are read only where that moves their end.

    A receipt that comes in late moves nothing back.
    """
    latest: dict[int, datetime] = {}
    for opened_id, at in visits:
        account_id = book.living(opened_id)
        bought_at = min(at, book.now)
        latest[account_id] = max(latest.get(account_id, bought_at), bought_at)
    moved = [account_id for account_id, at in latest.items() if _is_news(book, account_id, at)]
    counting = [account_id for account_id in moved if book.accounts[account_id].counts_activity]
    if counting:
        live = Lot.objects.filter(
            account_id__in=counting, remaining__gt=0, expires_at__gt=book.now, awaits_event=False
        )
        _reckon_anew(book, live.filter(reckoned_by__type="inactive").order_by("pk"))


def note_redemption(book: Book, account_id: int) -> None:
    """Note that the holders of an account, whose lots are read, spent something."""
    if _is_news(book, account_id, book.now):
        _reckon_anew(book, [lot for lot in book.lots[account_id] if _is_moved(lot, book.now)])


def reckon_returned(book: Book, lots: Iterable[Lot]) -> None:
    """Let points that come back end as if they had been in their lots all the while."""
    _reckon_anew(book, [lot for lot in lots if _moves(lot)])


def end_for(account: Account, available: datetime, expiry: Expiry) -> datetime | None:
    """Return when points of an account end that became available then, as active as it was."""
    begin = available
    if isinstance(expiry, ExpiresWhenInactive) and account.active_at is not None:
        begin = max(available, account.active_at)
    return expires_at(begin, expiry, account.program.organization.zone)


def _is_news(book: Book, account_id: int, at: datetime) -> bool:
    account = book.accounts[account_id]
    if account.active_at is not None and at <= account.active_at:
        return False
    account.active_at = at
    return True


def _moves(lot: Lot) -> bool:
    return moves_with_activity(lot.reckoned_by) and not lot.awaits_event


def _is_moved(lot: Lot, at: datetime) -> bool:
    return _moves(lot) and lot.remaining > 0 and not has_ended(lot, at)


def _reckon_anew(book: Book, lots: Iterable[Lot]) -> None:
    """Let lots end as their expiry says from now on, but never earlier than was promised."""
    for lot in lots:
        assert lot.reckoned_by is not None, "a lot that moves keeps what it is reckoned by"
        expiry = read_expiry(lot.reckoned_by)
        end = end_for(book.accounts[lot.account_id], lot.available_at, expiry)
        if (end or NEVER) > (lot.expires_at or NEVER):
            lot.expires_at = end
            book.redated.append(lot)
