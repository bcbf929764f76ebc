"""Tiers follow from what members do: reached at once, kept, and given up when goods come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.bulk import insert_many
from loyalty.earning.outcome import Outcome
from loyalty.earning.receipt import Boost
from loyalty.models import TierChange, TierCount
from loyalty.receipts import ReceiptDraft
from loyalty.services.happenings import Happening, TakenBack
from loyalty.services.ledger import Book
from loyalty.services.recorded import TierMove
from loyalty.services.rulebook import ProgramRules
from loyalty.services.standing import Held, boost_of
from loyalty.services.tier_counts import as_counted, count_of, counted_of, promised, uncounted
from loyalty.services.tier_entries import Entering, give_on_entry, take_on_leaving
from loyalty.services.tier_memberships import end_memberships, open_memberships
from loyalty.services.tier_states import Seen, Why, ladders_of, see, store, tell_of
from loyalty.tiers.fold import Ladders, came_back, happened


def look_at_tiers(book: Book, programs: Iterable[ProgramRules], account_ids: Iterable[int]) -> None:
    """Do what fell due for these accounts before anything else happens to them.

    So a purchase after the end of a tier finds what became of it, whatever night has run.
    """
    ladders = _ladders(programs)
    if ladders:
        seen = _seen(book, ladders, account_ids)
        changes = [change for one in seen.values() for change in one.advance(book.now)]
        _store(book, {pk: one for pk, one in seen.items() if one.row is not None})
        _tell(book, changes)


def boost_when_reached(
    book: Book, rules: ProgramRules, account_id: int, draft: ReceiptDraft, outcome: Outcome
) -> Boost | None:
    """Return the multiple of the tier that a purchase reaches, where the ladder counts it at once.

    By the points that the purchase has without it, so that a tier never lifts itself.
    """
    seen: Seen | None = book.notes.get("tiers", {}).get(account_id)
    ladder = seen.ladders.at(book.now) if seen else None
    held = seen.held(book.now) if seen else None
    if seen is None or ladder is None or held is None or ladder.counts != "after":
        return None
    one = promised(draft, outcome, rules.zone)
    reached = ladder.reached_by(seen.worth_with(one, ladder, book.now))
    if reached is None or ladder.rank(reached.code) <= ladder.rank(held.code):
        return None
    return boost_of(reached, is_new=True)


def follow_tiers(book: Book, happenings: Sequence[Happening]) -> None:
    """Count what members did, and let them reach or keep the tiers they have earned by it.

    History comes silently: it counts, and nobody is given anything for it.
    """
    ladders = _ladders(one.rules for one in happenings)
    own = [one for one in happenings if one.rules.program.pk in ladders]
    if not own:
        return
    seen = _seen(book, ladders, {one.account_id for one in own})
    before = {pk: one.held(book.now) for pk, one in seen.items()}
    insert_many([row for one in own if (row := count_of(book, one)) is not None])
    bought = open_memberships(book, own, seen)
    changes = [change for one in seen.values() for change in _climb(book, one, own)]
    _store(book, seen)
    for done in own:
        done.followed.tier = _move(before[done.account_id], seen[done.account_id].held(book.now))
    if book.batch is None:
        _give_on_entry(book, own, [*bought, *changes], before)
    _tell(book, [*bought, *changes])


def follow_tier_returns(book: Book, taken: Sequence[TakenBack]) -> None:
    """Count what came back, and take the tiers that are no longer earned, as the ladder says."""
    ladders = _ladders(one.rules for one in taken)
    own = [one for one in taken if one.rules.program.pk in ladders]
    if not own:
        return
    seen = _seen(book, ladders, {one.account_id for one in own})
    before = {pk: one.held(book.now) for pk, one in seen.items()}
    counted = uncounted(book, own)
    insert_many([count for _one, count in counted])
    ended = end_memberships(book, own, seen)
    changes = [change for one in seen.values() for change in _give_way(book, one, own, counted)]
    _store(book, seen)
    take_on_leaving(book, [*ended, *changes], {one.account_id: one.row.request_key for one in own})
    for back in own:
        back.followed.tier = _move(before[back.account_id], seen[back.account_id].held(book.now))
    _tell(book, [*ended, *changes])


def _seen(
    book: Book, ladders: Mapping[int, Ladders], account_ids: Iterable[int]
) -> dict[int, Seen]:
    """Return where accounts stand, read once under the locks of a book."""
    known: dict[int, Seen] = book.notes.setdefault("tiers", {})
    wanted = {pk for pk in account_ids if book.accounts[pk].program_id in ladders}
    known |= see([book.accounts[pk] for pk in wanted - known.keys()], ladders, book.now)
    return {pk: known[pk] for pk in wanted}


def _store(book: Book, seen: Mapping[int, Seen]) -> None:
    store(seen.values(), actor=book.actor.name)


def _give_on_entry(
    book: Book,
    happenings: Sequence[Happening],
    changes: Sequence[TierChange],
    before: Mapping[int, Held | None],
) -> None:
    last = {one.account_id: one for one in happenings}
    entering = {
        pk: Entering(one.member_id, one.request_key, before[pk]) for pk, one in last.items()
    }
    for pk, gifted in give_on_entry(book, changes, entering).items():
        last[pk].followed.grants += gifted.grants
        last[pk].followed.entries += gifted.entries


def _climb(book: Book, one: Seen, happenings: Sequence[Happening]) -> list[TierChange]:
    """Count what one account's holders did, and look at its tier once."""
    own = [done for done in happenings if done.account_id == one.account.pk]
    made = one.advance(book.now)
    one.count(counted_of(done) for done in own)
    why = _why(own[-1])
    moves = happened(one.state, one.tally, one.ladders, book.now)
    return [*made, *(one.note(move, why) for move in moves)]


def _give_way(
    book: Book,
    one: Seen,
    taken: Sequence[TakenBack],
    counted: Sequence[tuple[TakenBack, TierCount]],
) -> list[TierChange]:
    rows = [row for back, row in counted if back.account_id == one.account.pk]
    own = [back for back in taken if back.account_id == one.account.pk]
    # What the tally read before these rows were stored does not have them yet.
    one.count(as_counted(row) for row in rows)
    moves = came_back(one.state, one.tally, one.ladders, book.now)
    made = [one.note(move, Why("return", own[-1].row.pk)) for move in moves]
    return [*made, *one.advance(book.now)]


def _why(done: Happening) -> Why:
    if done.purchase is not None:
        return Why("purchase", done.purchase.pk)
    assert done.activity is not None, "a member bought or did something"
    return Why("activity", done.activity.pk)


def _ladders(programs: Iterable[ProgramRules]) -> dict[int, Ladders]:
    found = {rules.program.pk: ladders_of(rules) for rules in programs}
    return {pk: ladders for pk, ladders in found.items() if ladders is not None}


def _move(before: Held | None, after: Held | None) -> TierMove | None:
    if before is None or after is None:
        return None
    is_up = after.ladder.rank(after.code) > after.ladder.rank(before.code)
    return TierMove(before.code, after.code, after.tier.name if after.tier else "", is_up)


def _tell(book: Book, changes: Sequence[TierChange]) -> None:
    if book.batch is not None:
        return
    by_organization: dict[int, list[TierChange]] = defaultdict(list)
    for change in changes:
        program = book.accounts[change.account_id].program
        by_organization[program.organization_id].append(change)
    for organization_id, own in by_organization.items():
        tell_of(own, organization_id)
