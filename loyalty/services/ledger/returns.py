"""Points taken back because goods came back."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.lots import has_ended, in_spending_order, is_pending, take, total
from loyalty.models import Entry, Lot
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.merging import first_entry


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a return took, and what it could not find and left as debt or let go."""

    entry: Entry | None
    points: int
    debt: int
    shortfall: int


def take_back(
    book: Book,
    account_id: int,
    points: int,
    cause: Cause,
    *,
    earned_by: frozenset[int],
    debt_allowed: bool,
) -> TakenBack:
    """Take back what a purchase earned: pending points first, then its own lot, then the balance.

    ``earned_by`` names the entries that gave the points. What waits for another purchase to be
    settled may never come, and pays nothing. What is missing becomes debt, repaid by future
    points, or is let go and reported as shortfall.
    """
    parts = take(_in_return_order(book, account_id, earned_by), points)
    missing = points - total(parts)
    debt = missing if debt_allowed else 0
    if total(parts) + debt == 0:
        return TakenBack(None, 0, 0, missing)
    entry = book.enter(account_id, Entry.Kind.RETURN, -(total(parts) + debt), cause)
    for lot, part in parts:
        book.consume(entry, lot, part)
    book.accounts[account_id].debt += debt
    return TakenBack(entry, total(parts) + debt, debt, missing - debt)


def missing(book: Book, account_id: int, points: int, *, earned_by: frozenset[int]) -> int:
    """Return how many of so many points nobody would find any more."""
    return points - total(take(_in_return_order(book, account_id, earned_by), points))


def _in_return_order(book: Book, account_id: int, earned_by: frozenset[int]) -> list[Lot]:
    live = [lot for lot in book.lots[account_id] if not has_ended(lot, book.now)]
    own = {lot.pk for lot in live if first_entry(lot) in earned_by}

    def rank(lot: Lot) -> tuple[bool, bool]:
        return (lot.pk not in own, not is_pending(lot, book.now))

    payable = [lot for lot in live if lot.pk in own or not lot.awaits_event]
    return sorted(in_spending_order(payable), key=rank)
