"""Two accounts that become one, and that part again; what comes to a merged account goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import connection
from django.db.models import QuerySet, Sum

from loyalty.errors import PointsSetAside
from loyalty.lots import has_ended, in_spending_order, take, total
from loyalty.models import AccountMerge, Consumption, Entry, Lot
from loyalty.services.ledger.book import Book, Cause
from loyalty.services.ledger.expiry import expire

MERGED = "account_merge"  # the cause of what a merge, or its undoing, moves
# From lots of one account up to those of another that they carry on.
CAME_FROM = """
    WITH RECURSIVE line AS (
        SELECT id AS lot, origin_id AS carried FROM loyalty_lot
        WHERE account_id = %(kept)s AND remaining > 0 AND origin_id IS NOT NULL
        UNION ALL
        SELECT line.lot, before.origin_id
        FROM line JOIN loyalty_lot before ON before.id = line.carried
        WHERE before.account_id <> %(emptied)s AND before.origin_id IS NOT NULL
    )
    SELECT line.lot, line.carried
    FROM line JOIN loyalty_lot own ON own.id = line.carried
    WHERE own.account_id = %(emptied)s
"""
# From lots down to all that carry them on, each with the lot it began with.
CARRIED_ON = """
    WITH RECURSIVE line AS (
        SELECT id AS lot, id AS first FROM loyalty_lot WHERE id = ANY(%s::bigint[])
        UNION ALL
        SELECT after.id, line.first FROM line JOIN loyalty_lot after ON after.origin_id = line.lot
    )
    SELECT lot, first FROM line
"""


def merge(book: Book, emptied_id: int, kept_id: int, cause: Cause) -> None:
    """Let one account carry on everything that is left in another, waiting points too.

    Every lot keeps its dates; what is owed goes over as well and is paid from what is there.
    Raises ``AccountUnderReview`` or ``PointsSetAside``.
    """
    for account_id in (emptied_id, kept_id):
        refuse_unsettled(book, account_id)
        expire(book, account_id)
    emptied, kept = book.accounts[emptied_id], book.accounts[kept_id]
    _carry_over(book, emptied_id, kept_id, cause)
    _hand_debt_over(book, emptied_id, kept_id, emptied.debt, cause)
    emptied.merged_into = kept
    emptied.save(update_fields=["merged_into"])
    moments = [row.active_at for row in (emptied, kept) if row.active_at is not None]
    kept.active_at = max(moments, default=None)
    kept.save(update_fields=["active_at"])


def unmerge(book: Book, emptied_id: int, kept_id: int, cause: Cause) -> int:
    """Give back what is left of the points that came over, into their own lots; return how many.

    What was spent meanwhile stays spent. What is still owed of what was owed then goes back too.
    """
    living_id = book.living(kept_id)
    refuse_unsettled(book, living_id)
    book.refuse_under_review(emptied_id)
    expire(book, living_id)
    points = _return_lots(book, living_id, emptied_id, cause)
    _hand_debt_over(book, living_id, emptied_id, _still_owed(book, living_id, cause), cause)
    emptied = book.accounts[emptied_id]
    emptied.merged_into = None
    emptied.save(update_fields=["merged_into"])
    expire(book, emptied_id)
    return points


def pass_on(book: Book, account_id: int, cause: Cause) -> None:
    """Let what came to an account that was merged go on to the one that carries it on."""
    living_id = book.living(account_id)
    if living_id != account_id:
        merged = AccountMerge.objects.get(emptied=account_id, undone_at__isnull=True)
        key = f"{cause.request_key}:merge"
        onward = replace(cause, kind=MERGED, pk=merged.pk, request_key=key)
        _carry_over(book, account_id, living_id, onward)


def refuse_unsettled(book: Book, account_id: int) -> None:
    """Refuse to merge an account of which nobody can say yet what it has."""
    book.refuse_under_review(account_id)
    if any(lot.held for lot in book.lots[account_id]):
        raise PointsSetAside


def first_entry(lot: Lot) -> int:
    """Return the entry by which the points of a lot first came, before any merge."""
    while lot.origin is not None:
        lot = lot.origin
    return lot.entry_id


def carried_on(lot_ids: Iterable[int]) -> dict[int, int]:
    """Return the lots that these became by merges, themselves included, each with its first."""
    with connection.cursor() as cursor:
        cursor.execute(CARRIED_ON, [sorted(lot_ids)])
        return dict(cursor.fetchall())


def brought_by(merged: AccountMerge) -> int:
    """Return the points that came over by a merge, and after it."""
    came = Entry.objects.filter(cause=MERGED, cause_id=merged.pk, account=merged.kept, points__gt=0)
    return came.aggregate(points=Sum("points"))["points"] or 0


def came_from(kept_id: int, emptied_id: int) -> dict[int, int]:
    """Return which lots with points left carry on which lot of the emptied account."""
    with connection.cursor() as cursor:
        cursor.execute(CAME_FROM, {"kept": kept_id, "emptied": emptied_id})
        return dict(cursor.fetchall())


def _carry_over(book: Book, from_id: int, to_id: int, cause: Cause) -> None:
    lots = [lot for lot in book.lots[from_id] if lot.remaining]
    points = sum(lot.remaining for lot in lots)
    if not points:
        return
    key = replace(cause, request_key=f"{cause.request_key}:1")
    given = book.enter(from_id, Entry.Kind.MERGE, -points, key)
    received = book.enter(to_id, Entry.Kind.MERGE, points, key)
    came = [_carrying_on(book, received, lot) for lot in lots]
    for lot in lots:
        book.consume(given, lot, lot.remaining)
    book.lots[to_id].extend(came)
    book.repay_debt(received, [lot for lot in came if not lot.awaits_event])


def _carrying_on(book: Book, received: Entry, lot: Lot) -> Lot:
    return Lot(
        account=book.accounts[received.account_id],
        entry=received,
        points=lot.remaining,
        remaining=lot.remaining,
        held=0,
        available_at=lot.available_at,
        expires_at=lot.expires_at,
        awaits_event=lot.awaits_event,
        reckoned_by=lot.reckoned_by,
        origin=lot,
    )


def _return_lots(book: Book, from_id: int, to_id: int, cause: Cause) -> int:
    """Put what is left of carried lots back into the lots that they carry on."""
    origins = came_from(from_id, to_id)
    if not origins:
        return 0
    book.bring(Lot.objects.filter(pk__in=set(origins.values())))
    own = {lot.pk: lot for lot in book.lots[to_id]}
    came = [lot for lot in book.lots[from_id] if lot.pk in origins and lot.remaining]
    points = sum(lot.remaining for lot in came)
    key = replace(cause, request_key=f"{cause.request_key}:1")
    given = book.enter(from_id, Entry.Kind.MERGE, -points, key)
    received = book.enter(to_id, Entry.Kind.MERGE, points, key)
    for lot in came:
        left, before = lot.remaining, own[origins[lot.pk]]
        book.consume(given, lot, left)
        book.consume(received, before, -left)
        _redate(book, before, lot)
    return points


def _redate(book: Book, lot: Lot, like: Lot) -> None:
    """Let a lot wait and end as the one that carried it on, whose dates may have moved."""
    lot.available_at, lot.expires_at = like.available_at, like.expires_at
    lot.awaits_event, lot.reckoned_by = like.awaits_event, like.reckoned_by
    book.redated.append(lot)


def _hand_debt_over(book: Book, from_id: int, to_id: int, debt: int, cause: Cause) -> None:
    """Let another account owe it, and pay from what it has as far as that goes."""
    if not debt:
        return
    key = replace(cause, request_key=f"{cause.request_key}:2")
    book.enter(from_id, Entry.Kind.MERGE, debt, key)
    book.accounts[from_id].debt -= debt
    received = book.enter(to_id, Entry.Kind.MERGE, -debt, key)
    parts = take(in_spending_order(_payable(book, to_id)), debt)
    for lot, part in parts:
        book.consume(received, lot, part)
    book.accounts[to_id].debt += debt - total(parts)


def _payable(book: Book, account_id: int) -> list[Lot]:
    """Return the lots that debt is paid from: all that live, but for those that may still lapse."""
    lots = book.lots[account_id]
    return [lot for lot in lots if not (lot.awaits_event or has_ended(lot, book.now))]


def _still_owed(book: Book, account_id: int, cause: Cause) -> int:
    """Return what is left of the debt that came by the merge; the oldest debt is paid first."""
    debts = Entry.objects.filter(account=account_id, points__lt=0)
    came = debts.filter(cause=MERGED, cause_id=cause.pk).first()
    if came is None:
        return 0
    later = debts.filter(sequence__gt=came.sequence, kind__in=[Entry.Kind.RETURN, Entry.Kind.MERGE])
    left = book.accounts[account_id].debt - _made_owed(later)
    return max(0, min(_made_owed(debts.filter(pk=came.pk)), left))


def _made_owed(entries: QuerySet[Entry]) -> int:
    """Return by how much these debits let the account owe more."""
    points = entries.aggregate(points=Sum("points"))["points"] or 0
    consumed = Consumption.objects.filter(entry__in=entries)
    return -int(points) - int(consumed.aggregate(points=Sum("points"))["points"] or 0)
