"""A book: accounts opened for writing, kept in memory, stored in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.actors import Actor
from core.bulk import insert_many, update_rows
from core.locking import lock_all
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.errors import AccountUnderReview, PointsLimitExceeded
from loyalty.lots import spendable
from loyalty.models import Account, Batch, Consumption, Entry, Hold, HoldLot, Lot

POINTS_MAX = 2**53  # beyond it a JSON number is no longer exact


@dataclass(frozen=True, slots=True)
class Cause:
    """The row for which points move, the request it came with, and when it happened."""

    kind: str
    pk: int | None
    request_key: str
    occurred_at: datetime
    reason: str = ""


@dataclass(slots=True)
class Book:
    """Locked accounts with their lots, and everything that is to be stored about them."""

    accounts: dict[int, Account]
    lots: dict[int, list[Lot]]
    before: dict[int, tuple[int, int]]
    actor: Actor
    now: datetime
    batch: Batch | None = None
    entries: list[Entry] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    ended_holds: list[Hold] = field(default_factory=list)
    hold_parts: list[HoldLot] = field(default_factory=list)
    consumptions: dict[tuple[int, int], Consumption] = field(default_factory=dict)

    def enter(
        self,
        account_id: int,
        kind: Entry.Kind,
        points: int,
        cause: Cause,
        *,
        reverses: Entry | None = None,
    ) -> Entry:
        """Add an entry that moves the balance; its lots and consumptions must follow."""
        account = self.accounts[account_id]
        account.balance += points
        account.sequence += 1
        if not -POINTS_MAX <= account.balance <= POINTS_MAX:
            raise PointsLimitExceeded(field="points")
        entry = Entry(
            account=account,
            sequence=account.sequence,
            kind=kind,
            points=points,
            balance_after=account.balance,
            request_key=cause.request_key,
            actor=self.actor.name,
            cause=cause.kind,
            cause_id=cause.pk,
            reason=cause.reason,
            reverses=reverses,
            batch=self.batch,
            occurred_at=cause.occurred_at,
        )
        self.entries.append(entry)
        return entry

    def consume(self, entry: Entry, lot: Lot, points: int) -> None:
        """Take points from a lot for an entry, or put them back when negative."""
        lot.remaining -= points
        key = (id(entry), id(lot))
        if key in self.consumptions:
            self.consumptions[key].points += points
        else:
            self.consumptions[key] = Consumption(entry=entry, lot=lot, points=points)

    def repay_debt(self, entry: Entry, lots: Iterable[Lot]) -> None:
        """Let points that just came free pay what the account owes, before anything else."""
        account = self.accounts[entry.account_id]
        for lot in lots:
            part = min(account.debt, lot.remaining - lot.held)
            if part > 0:
                self.consume(entry, lot, part)
                account.debt -= part

    def spendable(self, account_id: int) -> int:
        """Return what the account can spend now."""
        return spendable(self.lots[account_id], self.accounts[account_id].debt, self.now)

    def refuse_under_review(self, account_id: int) -> None:
        """Refuse to spend from an account whose figures do not agree."""
        if self.accounts[account_id].under_review_since is not None:
            raise AccountUnderReview

    def store(self) -> None:
        """Write everything, one statement per table."""
        insert_many(self.entries)
        every = [lot for lots in self.lots.values() for lot in lots]
        insert_many([lot for lot in every if lot.pk not in self.before])
        insert_many([row for row in self.consumptions.values() if row.points])
        Hold.objects.bulk_create(self.holds)
        HoldLot.objects.bulk_create(self.hold_parts)
        for hold in self.ended_holds:
            hold.save(update_fields=["status", "ended_at", "entry"])
        _store_lots([lot for lot in every if self._is_changed(lot)])
        _store_accounts(self.accounts.values())
        if self.batch is None:
            tell(_event_of(entry) for entry in self.entries)

    def _is_changed(self, lot: Lot) -> bool:
        return lot.pk in self.before and self.before[lot.pk] != (lot.remaining, lot.held)


@contextmanager
def open_book(
    account_ids: Iterable[int],
    *,
    actor: Actor,
    now: datetime | None = None,
    batch: Batch | None = None,
    touched_by: Iterable[int] = (),
    to_earn: bool = False,
) -> Iterator[Book]:
    """Lock the accounts, read their lots, and store the book when the block ends well.

    ``touched_by`` names entries whose lots, made or consumed, are needed even when empty. A book
    opened only ``to_earn`` needs no lots of before.
    """
    accounts = lock_all(Account, account_ids, "program__organization")
    lots: dict[int, list[Lot]] = defaultdict(list)
    if not to_earn:
        _read_lots(lots, accounts, set(touched_by))
    book = Book(
        accounts=accounts,
        lots=lots,
        before={lot.pk: (lot.remaining, lot.held) for part in lots.values() for lot in part},
        actor=actor,
        now=now or timezone.now(),
        batch=batch,
    )
    with transaction.atomic():
        yield book
        book.store()


def _read_lots(
    lots: dict[int, list[Lot]], accounts: dict[int, Account], entry_ids: set[int]
) -> None:
    wanted = Q(remaining__gt=0)
    if entry_ids:
        consumed = Consumption.objects.filter(entry_id__in=entry_ids)
        wanted |= Q(entry_id__in=entry_ids) | Q(pk__in=consumed.values("lot_id"))
    for lot in Lot.objects.filter(wanted, account_id__in=accounts).order_by("pk"):
        lots[lot.account_id].append(lot)


def _store_lots(lots: list[Lot]) -> None:
    changed = [(lot.pk, lot.remaining, lot.held) for lot in lots]
    update_rows("loyalty_lot", {"remaining": "bigint", "held": "bigint"}, changed)


def _store_accounts(accounts: Iterable[Account]) -> None:
    update_rows(
        "loyalty_account",
        {"balance": "bigint", "debt": "bigint", "sequence": "bigint"},
        [(row.pk, row.balance, row.debt, row.sequence) for row in accounts],
    )


def _event_of(entry: Entry) -> OutboxEvent:
    account = entry.account
    return event(
        f"points.{entry.kind}",
        entry,
        organization_id=account.program.organization_id,
        payload={
            "account": str(account.public_id),
            "sequence": entry.sequence,
            "points": entry.points,
            "balance_after": entry.balance_after,
            "cause": entry.cause,
        },
    )
