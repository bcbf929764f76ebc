"""A book: accounts opened for writing, kept in memory, stored in a fixed number of statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from core.actors import Actor
from core.bulk import Change, fresh, insert_linked, insert_many, update_rows
from core.locking import lock_all, lock_those
from core.models import OutboxEvent
from core.outbox import event, tell
from core.transactions import within_one
from loyalty.errors import AccountUnderReview, PointsLimitExceeded
from loyalty.expiry import moves_with_activity
from loyalty.lots import spendable
from loyalty.models import Account, Award, Batch, Consumption, Entry, Hold, HoldLot, Lot

OWNER = "program__organization"
FEW = 12  # so many rows go into one statement, whose text is the same for the same kinds of rows
FIGURES = {
    "balance": "bigint",
    "debt": "bigint",
    "sequence": "bigint",
    "active_at": "timestamptz",
    "counts_activity": "boolean",
}
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
    awards: list[Award] = field(default_factory=list)
    redated: list[Lot] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)  # what followers read under these locks

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
        entry = fresh(
            Entry,
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
            self.consumptions[key] = fresh(Consumption, entry=entry, lot=lot, points=points)

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

    def living(self, account_id: int) -> int:
        """Return the account itself, or the one that carries it on since it was merged."""
        while (into := self.accounts[account_id].merged_into_id) is not None:
            account_id = into
        return account_id

    def bring(self, lots: Iterable[Lot]) -> None:
        """Read these lots of the opened accounts as well, those that are there already left out."""
        for lot in lots:
            if lot.pk not in self.before:
                self.before[lot.pk] = (lot.remaining, lot.held)
                self.lots[lot.account_id].append(lot)

    def refuse_under_review(self, account_id: int) -> None:
        """Refuse to spend from an account whose figures do not agree."""
        if self.accounts[account_id].under_review_since is not None:
            raise AccountUnderReview

    def store(self) -> None:
        """Write everything: little in one statement, much in one per table."""
        every = [lot for lots in self.lots.values() for lot in lots]
        self._store_new([lot for lot in every if lot.pk not in self.before])
        Hold.objects.bulk_create(self.holds)
        HoldLot.objects.bulk_create(self.hold_parts)
        for hold in self.ended_holds:
            hold.save(update_fields=["status", "ended_at", "entry"])
        _store_lots([lot for lot in every if self._is_changed(lot)])
        _store_dates(self.redated)
        if self.batch is None:
            tell(_event_of(entry) for entry in self.entries)

    def _store_new(self, lots: list[Lot]) -> None:
        for lot in lots:
            if moves_with_activity(lot.reckoned_by):
                self.accounts[lot.account_id].counts_activity = True
        # A lot that carries on one made in this very book needs the other's id first.
        first = [lot for lot in lots if lot.origin_id or not lot.origin]
        second = [lot for lot in lots if lot.origin and not lot.origin_id]
        consumptions = [row for row in self.consumptions.values() if row.points]
        tables: list[Sequence[models.Model]]
        tables = [self.entries, first, second, consumptions, self.awards]
        rows = [row for table in tables for row in table]
        if rows and len(rows) + len(self.accounts) <= FEW:
            insert_linked(rows, _changes(self.accounts.values()))
            return
        for table in tables:
            insert_many(table)
        _store_accounts(self.accounts.values())

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
    opened only ``to_earn`` needs no lots of before. Of an account that was merged, the one that
    carries it on is opened as well: ``Book.living`` tells which.
    """
    with _locked(set(account_ids)) as accounts:
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
        yield book
        book.store()


@contextmanager
def _locked(wanted: set[int]) -> Iterator[dict[int, Account]]:
    """Lock the accounts and those that carry on merged ones, in one order."""
    if len(wanted) == 1 and within_one():  # the usual case needs no savepoint
        accounts = lock_those(Account, wanted, OWNER, merged_into=None)
        if accounts:
            yield accounts
            return
    while True:
        with transaction.atomic():
            accounts = lock_all(Account, wanted, OWNER)
            into = {row.merged_into_id for row in accounts.values() if row.merged_into_id}
            if into <= wanted:
                yield accounts
                return
            transaction.set_rollback(True)  # lets go of the locks: all are taken again in order
        wanted |= into


def _read_lots(
    lots: dict[int, list[Lot]], accounts: dict[int, Account], entry_ids: set[int]
) -> None:
    wanted = Q(remaining__gt=0)
    if entry_ids:
        consumed = Consumption.objects.filter(entry_id__in=entry_ids)
        wanted |= Q(entry_id__in=entry_ids) | Q(pk__in=consumed.values("lot_id"))
    found = Lot.objects.filter(wanted, account_id__in=accounts).order_by("pk")
    for lot in found.select_related("origin__origin") if entry_ids else found:
        lots[lot.account_id].append(lot)


def _store_lots(lots: list[Lot]) -> None:
    changed = [(lot.pk, lot.remaining, lot.held) for lot in lots]
    update_rows("loyalty_lot", {"remaining": "bigint", "held": "bigint"}, changed)


def _store_dates(lots: list[Lot]) -> None:
    columns = {
        "available_at": "timestamptz",
        "expires_at": "timestamptz",
        "awaits_event": "boolean",
        "reckoned_by": "jsonb",
    }
    changed = [
        (lot.pk, lot.available_at, lot.expires_at, lot.awaits_event, _json(lot.reckoned_by))
        for lot in lots
    ]
    update_rows("loyalty_lot", columns, changed)


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _store_accounts(accounts: Iterable[Account]) -> None:
    changed = [(row.pk, *_figures(row)) for row in accounts]
    update_rows("loyalty_account", FIGURES, changed)


def _changes(accounts: Iterable[Account]) -> list[Change]:
    return [Change("loyalty_account", tuple(FIGURES), row.pk, _figures(row)) for row in accounts]


def _figures(row: Account) -> Sequence[Any]:
    return row.balance, row.debt, row.sequence, row.active_at, row.counts_activity


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
