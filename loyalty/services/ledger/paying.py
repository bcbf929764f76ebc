"""Points that pay for purchases, and that are paid back when goods come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loyalty.lots import is_usable, refuse_short
from loyalty.models import Consumption, Entry, Lot
from loyalty.services.ledger.activity import note_redemption
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.merging import pass_on
from loyalty.services.ledger.postings import spend
from loyalty.services.ledger.putting_back import put_back


def pay(book: Book, account_id: int, points: int, cause: Cause) -> Entry:
    """Spend points at once, without setting them aside first.

    Raises ``PointsHeld`` when only what is set aside stands in the way, else
    ``InsufficientPoints``.
    """
    book.refuse_under_review(account_id)
    held = sum(lot.held for lot in book.lots[account_id] if is_usable(lot, book.now))
    refuse_short(points, balance=book.spendable(account_id), held=held)
    entry, _parts = spend(book, account_id, points, cause, kind=Entry.Kind.REDEEM)
    note_redemption(book, account_id)
    return entry


def pay_back(book: Book, entry_id: int, points: int, cause: Cause, *, before: int = 0) -> Entry:
    """Put a part of what an entry paid back into the lots it came from, with their own end.

    ``before`` is how much of it was paid back before. What was spent last, and so lasts longest,
    goes back first; over all parts each lot gets back what it gave.
    """
    paid = Entry.objects.get(pk=entry_id)
    book.bring(Lot.objects.filter(consumptions__entry=paid))
    entry = book.enter(paid.account_id, Entry.Kind.RELEASE, points, cause)
    own = {lot.pk: lot for lot in book.lots[paid.account_id]}
    spent = Consumption.objects.filter(entry=paid, points__gt=0).order_by("-pk")
    parts = _following(spent, before, points)
    put_back(book, entry, [(own[lot_id], part) for lot_id, part in parts])
    pass_on(book, paid.account_id, cause)
    return entry


def _following(spent: Iterable[Consumption], before: int, points: int) -> Iterator[tuple[int, int]]:
    """Return which lots get back the points that follow on those paid back before."""
    for part in spent:
        passed = min(before, part.points)
        count = min(part.points - passed, points)
        before, points = before - passed, points - count
        if count:
            yield part.lot_id, count
