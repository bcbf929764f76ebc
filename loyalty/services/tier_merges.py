"""Accounts that become one have the higher tier and the later end; parted, each has its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty.models import Account, Program, TierChange, TierGrant
from loyalty.services.happenings import Joined
from loyalty.services.ledger import MERGED, Book
from loyalty.services.rulebook import rulebooks
from loyalty.services.tier_states import (
    Seen,
    Why,
    counts_from,
    dumped,
    events_of,
    ladders_of,
    loaded,
    merged_change,
    see,
    store,
    tallies_of,
)
from loyalty.tiers.fold import Ladders, State, happened, joined, replayed


def follow_tier_merges(book: Book, together: Sequence[Joined]) -> None:
    """Join or part the tiers of accounts; each is told on from there."""
    programs = Program.objects.filter(pk__in={one.kept.program_id for one in together})
    found = {rules.program.pk: ladders_of(rules) for rules in rulebooks(programs)}
    for one in together:
        ladders = found[one.kept.program_id]
        if ladders is not None:
            (_part if one.is_undone else _join)(book, one, ladders)


def _join(book: Book, one: Joined, ladders: Ladders) -> None:
    kept = _seen(book, one.kept, ladders, without=[one.emptied.pk])
    emptied = _seen(book, one.emptied, ladders)
    for each in (kept, emptied):
        each.advance(book.now)
    before = {"kept": dumped(kept.state), "emptied": dumped(emptied.state)}
    had = kept.state
    kept.state = joined(kept.state, emptied.state, ladders.at(book.now))
    kept.tally = _tally(kept, book)
    for move in happened(kept.state, kept.tally, ladders, book.now):
        kept.state = move.after
    merged_change(kept, had, Why(MERGED, one.row.pk), book.now, **before)
    store([kept, emptied], actor=book.actor.name)
    _carry_grants_over(book, one, emptied)


def _part(book: Book, one: Joined, ladders: Ladders) -> None:
    """Let each have what it would have without the other; what came since stays where it is."""
    living = book.accounts[book.living(one.kept.pk)]
    kept = _seen(book, living, ladders)
    emptied = _seen(book, one.emptied, ladders)
    told = _told_at_merge(one)
    at_merge = {} if told is None else told.details
    for seen, name in ((kept, "kept"), (emptied, "emptied")):
        had = seen.state
        if told is not None and (name == "emptied" or living.pk == one.kept.pk):
            seen.state = _again(seen, loaded(at_merge[name]), told, book)
        seen.advance(book.now)
        merged_change(seen, had, Why(MERGED, one.row.pk), book.now)
    store([kept, emptied], actor=book.actor.name)
    copies = TierGrant.objects.filter(origin__account=one.emptied, ended_at=None)
    copies.filter(account=living).update(ended_at=book.now)


def _again(seen: Seen, state: State, told: TierChange, book: Book) -> State:
    """Tell what happened to an account since a merge without the other."""
    since = counts_from(state, seen.ladders, book.now)
    tally = tallies_of({seen.account.pk: since}, until=told.at)[seen.account.pk]
    events = events_of({seen.account.pk: told.at})[seen.account.pk]
    return replayed(state, tally, events, seen.ladders, book.now)


def _told_at_merge(one: Joined) -> TierChange | None:
    changes = TierChange.objects.filter(
        account=one.kept, why=TierChange.Why.MERGED, cause=MERGED, cause_id=one.row.pk
    )
    return changes.order_by("pk").first()


def _seen(book: Book, account: Account, ladders: Ladders, *, without: Sequence[int] = ()) -> Seen:
    by_program: Mapping[int, Ladders] = {account.program_id: ladders}
    return see([account], by_program, book.now, without=without)[account.pk]


def _tally(seen: Seen, book: Book) -> Any:
    since = counts_from(seen.state, seen.ladders, book.now)
    return tallies_of({seen.account.pk: since})[seen.account.pk]


def _carry_grants_over(book: Book, one: Joined, emptied: Seen) -> None:
    """Let the tiers that were given to one account hold for the other."""
    TierGrant.objects.bulk_create(
        TierGrant(
            account=one.kept,
            tier=grant.tier,
            begins_at=grant.begins_at,
            ends_at=grant.ends_at,
            cause=MERGED,
            cause_id=one.row.pk,
            origin=grant,
            reason=grant.reason,
            request_key=f"{one.row.request_key}:tier:{grant.pk}",
            actor=book.actor.name,
        )
        for grant in emptied.grants
    )
