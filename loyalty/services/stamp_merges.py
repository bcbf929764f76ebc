"""Stamps of accounts that become one lie on one card, and go back when the two are parted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.outbox import tell
from loyalty.models import AccountHolder, Entry, Grant, StampCard, StampMove
from loyalty.services.happenings import Joined
from loyalty.services.ledger import Book
from loyalty.services.stamp_gifts import Reached, give_for, named
from loyalty.services.stamp_strips import Key, Step, Strips, Why, read_strips
from loyalty.services.stamps import stamp_events
from loyalty.stamps.fold import Move, Sheet

Cause = StampMove.Cause
Brought = Mapping[int, Sequence[StampMove]]


def follow_stamp_merges(book: Book, joined: Sequence[Joined]) -> None:
    """Let the open sheets of two accounts be one, or give back what one of them had brought."""
    strips = read_strips(list(book.accounts.values()), None, actor=book.actor, now=book.now)
    if not strips.by_key:
        return
    brought = _brought([one for one in joined if one.is_undone])
    steps: list[Step] = []
    for one in joined:
        steps += _part(book, strips, one, brought) if one.is_undone else _join(strips, one)
    if steps:
        _settle(book, strips, steps)


def _join(strips: Strips, one: Joined) -> Iterator[Step]:
    """Let what lies on the open sheets of one account come onto those of the other."""
    why = Why(Cause.MERGE, one.row.pk, one.row.request_key)
    for key in [key for key in strips.by_key if key[0] == one.emptied.pk]:
        sheet = strips.by_key[key].open_at(strips.now)
        if sheet is not None and sheet.stamps:
            away = Move(stamps=-sheet.stamps, at=sheet.stamped_at, version=sheet.version)
            gone = strips.move(key, away, why)
            yield gone
            yield _bring(strips, (one.kept.pk, key[1]), gone, sheet)


def _bring(strips: Strips, into: Key, gone: Step, sheet: Sheet) -> Step:
    """Put the stamps of a sheet onto another account's card.

    What they gave where they come from is not given once more.
    """
    if into not in strips.by_key:
        strips.by_key[into] = strips.by_key[gone.key].begun_anew()
    strip = strips.by_key[into]
    before = strip.open_at(sheet.stamped_at)
    known = [one for one in strip.sheets if one is not before]
    step = strips.move(into, replace(gone.move, stamps=-gone.move.stamps), gone.why)
    touched = [one for one in strip.sheets if one not in known]
    for place in sorted(sheet.gifted):
        for one in touched:
            if place not in one.gifted:
                one.gifted.add(place)
                break
    return step


def _part(book: Book, strips: Strips, one: Joined, brought: Brought) -> Iterator[Step]:
    """Give back what was brought, as far as it is still there."""
    why = Why(Cause.UNMERGE, one.row.pk, f"{one.row.request_key}:undone")
    for came in brought.get(one.row.pk, ()):
        kept = book.living(one.kept.pk), came.card_id
        back = one.emptied.pk, came.card_id
        sheet = strips.by_key[kept].open_at(strips.now) if kept in strips.by_key else None
        there = _as_far_as_there(came.stamps, sheet.stamps if sheet else 0)
        if there:
            version = came.version_id
            at = came.occurred_at
            taken = strips.move(kept, Move(stamps=-there, at=at, version=version), why)
            _forget_what_was_carried(strips, taken)
            yield taken
            yield strips.move(back, Move(stamps=there, at=at, version=version), why)


def _as_far_as_there(brought: int, there: int) -> int:
    return max(min(brought, there), 0) if brought > 0 else min(max(brought, there), 0)


def _forget_what_was_carried(strips: Strips, step: Step) -> None:
    """Let places that lost their stamps give anew, where it was not they who gave."""
    for sheet, at in step.places:
        row = strips.row(step.key, sheet)
        kind, pk = named(row.pk, at, is_full=False)
        given = {"account_id": step.key[0], "cause": kind, "cause_id": pk}
        by_grant = Grant.objects.filter(**given, status=Grant.Status.GIVEN)
        if not by_grant.exists() and not Entry.objects.filter(**given).exists():
            sheet.gifted.discard(at)


def _settle(book: Book, strips: Strips, steps: Sequence[Step]) -> None:
    holders = _holders({step.key[0] for step in steps})
    reached = [step for step in steps if step.move.stamps > 0 and step.key[0] in holders]
    give_for(book, strips, [Reached(step, holders[step.key[0]]) for step in reached])
    strips.store()
    cards = StampCard.objects.filter(pk__in={step.key[1] for step in steps})
    codes = dict(cards.values_list("pk", "code"))
    tell(told for step in steps for told in stamp_events(book, strips, step, codes[step.key[1]]))


def _brought(undone: Sequence[Joined]) -> Brought:
    """Return the moves that had brought stamps with each of these merges."""
    rows = {one.row.pk: one.row for one in undone}
    moves = StampMove.objects.filter(
        account__in={row.kept_id for row in rows.values()}, cause=Cause.MERGE, cause_id__in=rows
    )
    found: dict[int, list[StampMove]] = defaultdict(list)
    for move in moves.order_by("card_id"):
        if move.account_id == rows[move.cause_id or 0].kept_id:
            found[move.cause_id or 0].append(move)
    return found


def _holders(account_ids: set[int]) -> dict[int, int]:
    """Return who is given what the cards of an account give: whoever has held it longest."""
    held = AccountHolder.objects.filter(account__in=account_ids, member__merged_into=None)
    return dict(held.order_by("-pk").values_list("account_id", "member_id"))
