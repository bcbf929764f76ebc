"""Balances brought forward from another system: each row counts once, whoever repeats it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.canonical import canonical_json
from core.days import start_of_day
from loyalty.lots import NEVER
from loyalty.models import Account, Batch, Entry, Program
from loyalty.services.accounts import accounts_for
from loyalty.services.ledger import POINTS_MAX, Book, Cause, Credit, earn, open_book
from loyalty.waiting import dates_from
from members.models import Member


class Outcome(StrEnum):
    """What became of points that were to be brought forward; all but the first give nothing."""

    GIVEN = "given"
    KNOWN = "known"
    REPEATED = "row_repeated"
    ENDED = "already_ended"
    TOO_MANY = "limit_exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Points that a member has from before, and the last day on which they can be spent.

    Without a day they end as the program's points do that are given now.
    """

    member_id: int
    points: int
    ends: date | None = None
    note: str = ""

    def key(self, member_id: int) -> str:
        """Return by what the same row is recognized, in whatever file it stands."""
        row = [member_id, self.points, self.ends and self.ends.isoformat(), self.note]
        return f"opening:{hashlib.sha256(canonical_json(row).encode()).hexdigest()}"


@transaction.atomic
def bring_forward(
    *, program_id: int, openings: Sequence[Opening], batch: Batch, actor: Actor = SYSTEM
) -> list[Outcome]:
    """Give members the points they bring, one entry and one lot for each; say what came of each.

    The batch is told of as one by whoever opened it.
    """
    program = Program.objects.select_related("organization").get(pk=program_id)
    holdings = accounts_for((program_id, one.member_id) for one in openings)
    with open_book(holdings.values(), actor=actor, batch=batch, to_earn=True) as book:
        known = _known(book, openings)
        return [
            _bring(book, program, book.living(holdings[program_id, one.member_id]), one, known)
            for one in openings
        ]


class _Keys(dict[str, int | None]):
    """The batches of the rows that count already, by their keys; and who was merged into whom."""

    merged: Mapping[int, Collection[int]]

    def of(self, one: Opening) -> Iterator[str]:
        """Return under which keys the row may have counted: also for who was merged into them."""
        yield one.key(one.member_id)
        for member_id in self.merged.get(one.member_id, ()):
            yield one.key(member_id)


def _bring(book: Book, program: Program, account_id: int, one: Opening, known: _Keys) -> Outcome:
    assert book.batch is not None, "history comes as a batch"
    before = next((known[key] for key in known.of(one) if key in known), 0)
    if before != 0:
        return Outcome.REPEATED if before == book.batch.pk else Outcome.KNOWN
    credit = _credit(book, program, one)
    if (credit.expires_at or NEVER) <= book.now:
        return Outcome.ENDED
    if book.accounts[account_id].balance + one.points > POINTS_MAX:
        return Outcome.TOO_MANY
    key = one.key(one.member_id)
    cause = Cause("opening", book.batch.pk, key, book.now, one.note)
    earn(book, account_id, [credit], cause, kind=Entry.Kind.OPENING)
    known[key] = book.batch.pk
    return Outcome.GIVEN


def _credit(book: Book, program: Program, one: Opening) -> Credit:
    zone = program.organization.zone
    if one.ends is None:
        return Credit(one.points, *dates_from(book.now, program.terms.expiry, zone))
    return Credit(one.points, book.now, start_of_day(one.ends + timedelta(days=1), zone))


def _known(book: Book, openings: Sequence[Opening]) -> _Keys:
    """Return which of the rows count already, in these accounts or in those merged into them."""
    keys = _Keys()
    keys.merged = _merged_into({one.member_id for one in openings})
    wanted = {key for one in openings for key in keys.of(one)}
    accounts = set(book.accounts)
    newest = accounts
    while newest:
        merged = Account.objects.filter(merged_into__in=newest)
        newest = set(merged.values_list("pk", flat=True)) - accounts
        accounts |= newest
    given = Entry.objects.filter(account__in=accounts, request_key__in=wanted)
    keys.update(given.values_list("request_key", "batch_id"))
    return keys


def _merged_into(member_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who was merged into each of these members, at whatever remove."""
    found: dict[int, set[int]] = defaultdict(set)
    lives_on_as = {member_id: member_id for member_id in member_ids}
    while lives_on_as:
        merged = Member.objects.filter(merged_into__in=lives_on_as)
        rows = dict(merged.values_list("pk", "merged_into"))
        lives_on_as = {pk: lives_on_as[into] for pk, into in rows.items() if into is not None}
        for pk, member_id in lives_on_as.items():
            found[member_id].add(pk)
    return found


def today_of(program: Program) -> date:
    """Return the date where the organization is."""
    return timezone.localdate(timezone=program.organization.zone)
