"""The stamp sheets of locked accounts: read as strips, moved in memory, stored together.

Only this module writes stamp moves and sheets. Sheets follow from the moves; docs/stamps.md tells
how.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from core.actors import Actor
from core.bulk import insert_many, update_rows
from loyalty.models import Account, StampCardVersion, StampMove, StampSheet
from loyalty.stamps.fold import Move, Place, Sheet, Strip
from loyalty.stamps.spec import StampCardSpec, parse_card

Key: TypeAlias = tuple[int, int]  # an account and a card

COLUMNS = {
    "stamps": "integer",
    "gifted": "jsonb",
    "stamped_at": "timestamptz",
    "expires_at": "timestamptz",
    "completed_at": "timestamptz",
    "lapsed_at": "timestamptz",
}


class Specs(dict[int, StampCardSpec]):
    """What versions of cards say, by their keys, read when somebody asks."""

    def __missing__(self, version_key: int) -> StampCardSpec:
        self[version_key] = spec_of(version_key)
        return self[version_key]


@lru_cache(maxsize=1024)
def spec_of(version_key: int) -> StampCardSpec:
    """Return what a version of a card says, which never changes."""
    spec: Any = StampCardVersion.objects.values_list("spec", flat=True).get(pk=version_key)
    return parse_card(spec)


class Why(NamedTuple):
    """What moves stamps: its row, the request it came with, and the words of whoever did it."""

    cause: str
    pk: int | None
    request_key: str
    reason: str = ""


class Step(NamedTuple):
    """One move that was made: the places it reached or left, and the strip it was made on."""

    key: Key
    why: Why
    move: Move
    row: StampMove
    places: list[Place]


@dataclass(slots=True)
class Strips:
    """The strips of some accounts and cards, and everything that is to be stored about them."""

    actor: Actor
    now: datetime
    by_key: dict[Key, Strip]
    rows: dict[tuple[Key, int], StampSheet]
    tails: dict[Key, tuple[int, int]]
    moves: list[StampMove] = field(default_factory=list)
    keys: Counter[tuple[int, str]] = field(default_factory=Counter)

    def move(self, key: Key, move: Move, why: Why) -> Step:
        """Move stamps, and note that it was done."""
        sequence, balance = self.tails.get(key, (0, 0))
        self.tails[key] = sequence + 1, balance + move.stamps
        account_id, card_id = key
        row = StampMove(
            account_id=account_id,
            card_id=card_id,
            version_id=move.version,
            sequence=sequence + 1,
            stamps=move.stamps,
            reopened=move.reopened,
            balance_after=balance + move.stamps,
            cause=why.cause,
            cause_id=why.pk,
            reason=why.reason,
            request_key=self.numbered(key, f"{why.request_key}:stamps"),
            actor=self.actor.name,
            occurred_at=move.at,
        )
        self.moves.append(row)
        return Step(key, why, move, row, self.by_key[key].move(sequence + 1, move))

    def numbered(self, key: Key, stem: str) -> str:
        """Return a request key that nothing else of this account bears."""
        account_id, _card_id = key
        self.keys[account_id, stem] += 1
        return f"{stem}:{self.keys[account_id, stem]}"

    def row(self, key: Key, sheet: Sheet) -> StampSheet:
        """Return the stored sheet, as soon as it is stored."""
        return self.rows[key, sheet.number]

    def store(self) -> None:
        """Write the moves, and the sheets as they are after them."""
        insert_many(self.moves)
        self.moves.clear()
        self.store_sheets()

    def store_sheets(self) -> None:
        """Write the sheets: first what is gone, then what changed, then what is new."""
        standing = {
            (key, sheet.number) for key, strip in self.by_key.items() for sheet in strip.sheets
        }
        gone = [self.rows.pop(place) for place in self.rows.keys() - standing]
        if gone:
            StampSheet.objects.filter(pk__in=[row.pk for row in gone]).delete()
        changed, fresh = [], []
        for key, strip in self.by_key.items():
            for sheet in strip.sheets:
                row = self.rows.get((key, sheet.number))
                if row is None:
                    row = self.rows[key, sheet.number] = _new_row(key, sheet)
                    fresh.append(row)
                elif self._is_as(row, sheet, strip):
                    continue
                else:
                    changed.append(row)
                self._write(row, sheet, strip)
        _update(changed)
        insert_many(fresh)

    def _is_as(self, row: StampSheet, sheet: Sheet, strip: Strip) -> bool:
        return (*_state(row), row.lapsed_at) == (*_told(sheet), self._lapsed_at(row, sheet, strip))

    def _write(self, row: StampSheet, sheet: Sheet, strip: Strip) -> None:
        row.lapsed_at = self._lapsed_at(row, sheet, strip)
        row.stamps, row.stamped_at, row.expires_at, row.completed_at, row.gifted = _told(sheet)

    def _lapsed_at(self, row: StampSheet, sheet: Sheet, strip: Strip) -> datetime | None:
        """Return when the sheet lapsed, where that has to be booked now or was booked before."""
        if sheet.is_full:
            return None
        is_over = sheet is not strip.newest
        was_booked = row.lapsed_at is not None and sheet.has_lapsed(self.now)
        return sheet.expires_at if is_over or was_booked else None


def read_strips(
    accounts: Collection[Account],
    cards: Collection[int] | None,
    *,
    actor: Actor,
    now: datetime,
    is_whole: bool = False,
) -> Strips:
    """Read the newest sheet of each account and card, or all; the caller holds the locks.

    Without ``cards`` those of all cards are read of which the accounts have any.
    """
    zones = {account.pk: account.program.organization.zone for account in accounts}
    sheets = StampSheet.objects.filter(account__in=zones)
    moves = StampMove.objects.filter(account__in=zones)
    if cards is not None:
        sheets, moves = sheets.filter(card__in=cards), moves.filter(card__in=cards)
    newest = sheets.order_by("account_id", "card_id", "-number").distinct("account_id", "card_id")
    found = sheets.order_by("account_id", "card_id", "number") if is_whole else newest
    rows = {((row.account_id, row.card_id), row.number): row for row in found}
    specs = Specs()
    known = {key for key, _number in rows} | {(pk, card) for pk in zones for card in cards or ()}
    strips = {key: Strip(specs, zones[key[0]]) for key in sorted(known)}
    for (key, _number), row in rows.items():
        strips[key].sheets.append(sheet_of(row))
    return Strips(actor, now, strips, rows, _tails(moves) if known else {})


def sheet_of(row: StampSheet) -> Sheet:
    """Return a stored sheet as the fold sees it."""
    return Sheet(
        number=row.number,
        version=row.version_id,
        begun_by=row.begun_by,
        opened_at=row.opened_at,
        stamped_at=row.stamped_at,
        expires_at=row.expires_at,
        stamps=row.stamps,
        completed_at=row.completed_at,
        gifted=set(row.gifted),
    )


def move_of(row: StampMove) -> Move:
    """Return a stored move as the fold sees it."""
    return Move(
        stamps=row.stamps,
        at=row.occurred_at,
        version=row.version_id,
        reopened=row.reopened,
        keeps_alive=row.cause != StampMove.Cause.MANUAL,
    )


def _tails(moves: Any) -> dict[Key, tuple[int, int]]:
    last = moves.order_by("account_id", "card_id", "-sequence").distinct("account_id", "card_id")
    return {
        (account_id, card_id): (sequence, balance)
        for account_id, card_id, sequence, balance in last.values_list(
            "account_id", "card_id", "sequence", "balance_after"
        )
    }


def _new_row(key: Key, sheet: Sheet) -> StampSheet:
    account_id, card_id = key
    return StampSheet(
        account_id=account_id,
        card_id=card_id,
        version_id=sheet.version,
        number=sheet.number,
        begun_by=sheet.begun_by,
        opened_at=sheet.opened_at,
        stamped_at=sheet.stamped_at,
    )


def _state(row: StampSheet) -> tuple[Any, ...]:
    return row.stamps, row.stamped_at, row.expires_at, row.completed_at, row.gifted


def _told(sheet: Sheet) -> tuple[Any, ...]:
    gifted = sorted(sheet.gifted)
    return sheet.stamps, sheet.stamped_at, sheet.expires_at, sheet.completed_at, gifted


def _update(rows: Iterable[StampSheet]) -> None:
    update_rows(
        "loyalty_stampsheet",
        COLUMNS,
        [
            (
                row.pk,
                row.stamps,
                json.dumps(row.gifted),
                row.stamped_at,
                row.expires_at,
                row.completed_at,
                row.lapsed_at,
            )
            for row in rows
        ],
    )
