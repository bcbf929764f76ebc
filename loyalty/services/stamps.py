"""Stamps follow from what members do: they come onto cards, fill them, and go back with goods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Award, AwardReversal, StampCard, StampMove
from loyalty.services.gifts import Gifted
from loyalty.services.happenings import Happening, TakenBack
from loyalty.services.ledger import Book
from loyalty.services.recorded import StampsMoved
from loyalty.services.rulebook import STAMP_CARDS, DatedPart
from loyalty.services.stamp_gifts import Reached, Undoing, give_for
from loyalty.services.stamp_strips import Key, Step, Strips, Why, read_strips, spec_of
from loyalty.stamps.fold import Move, Sheet

Cause = StampMove.Cause
# The move that gave for a purchase: its sequence and the version of the card that counted.
Gave: TypeAlias = Mapping[tuple[int, int, int], tuple[int, int]]


class Coming(NamedTuple):
    """Stamps that one happening gives on one card."""

    happening: Happening
    card: DatedPart
    stamps: int


class Going(NamedTuple):
    """Stamps on one card that a return takes."""

    taken: TakenBack
    card: StampCard
    reversals: list[AwardReversal]


def follow_stamps(book: Book, happenings: Sequence[Happening]) -> None:
    """Put the stamps that rules gave onto the cards, and give what full places give."""
    coming = [one for happening in happenings for one in _coming(happening)]
    if not coming:
        return
    strips = _strips(book, {_key(one) for one in coming})
    reached = [_put(book, strips, one) for one in coming]
    gifted = give_for(book, strips, reached)
    for one, made, given in zip(coming, reached, gifted, strict=True):
        _tell_on_receipt(strips, one, made.step, given)
    if book.batch is None:
        tell(
            told
            for one, made in zip(coming, reached, strict=True)
            for told in stamp_events(book, strips, made.step, one.card.code)
        )


def follow_stamp_returns(book: Book, taken: Sequence[TakenBack]) -> None:
    """Take the stamps off that goods had brought, and what they gave where nobody used it.

    What lapsed before is not taken once more, and the reversal says so.
    """
    going = list(_going(taken))
    if not going:
        return
    gave = _gave(going)
    strips = _strips(book, {(one.taken.account_id, one.card.pk) for one in going}, is_whole=True)
    steps = [(one, _take(book, strips, one, gave)) for one in going]
    strips.store()
    if book.batch is None:
        tell(
            told
            for one, step in steps
            if step is not None
            for told in stamp_events(book, strips, step, one.card.code)
        )


def stamp_events(book: Book, strips: Strips, step: Step, code: str) -> Iterator[OutboxEvent]:
    """Yield what is told of a step, and of the cards that it filled."""
    account = book.accounts[step.key[0]]
    organization_id = account.program.organization_id
    named = {"account": str(account.public_id), "card": code}
    moved = {**named, "stamps": step.move.stamps, "cause": step.why.cause}
    kind = "stamps.given" if step.move.stamps > 0 else "stamps.taken"
    yield event(kind, step.row, organization_id=organization_id, payload=moved)
    filled = filled_by(strips, step)
    if filled:
        told = {**named, "sheets": [sheet.number for sheet in filled]}
        yield event("stamp_card.completed", step.row, organization_id=organization_id, payload=told)


def filled_by(strips: Strips, step: Step) -> list[Sheet]:
    """Return the sheets that a step filled."""
    if step.move.stamps < 0:
        return []
    size_of = strips.by_key[step.key].spec_of
    return [place.sheet for place in step.places if place.at == size_of(place.sheet).size]


def _coming(happening: Happening) -> Iterator[Coming]:
    counts: dict[str, int] = defaultdict(int)
    for award in happening.awards:
        if award.unit == Award.Unit.STAMPS and award.awarded:
            counts[award.target] += award.awarded
    if counts:
        cards = happening.rules.parts_at(STAMP_CARDS, happening.occurred_at)
        by_code = {card.code: card for card in cards}
        for code, stamps in counts.items():
            yield Coming(happening, by_code[code], stamps)


def _key(one: Coming) -> Key:
    return one.happening.account_id, one.card.key


def _strips(book: Book, keys: Iterable[Key], *, is_whole: bool = False) -> Strips:
    known = list(keys)
    return read_strips(
        [book.accounts[account_id] for account_id in sorted({key[0] for key in known})],
        sorted({key[1] for key in known}),
        actor=book.actor,
        now=book.now,
        is_whole=is_whole,
    )


def _put(book: Book, strips: Strips, one: Coming) -> Reached:
    happening = one.happening
    if happening.purchase is not None:
        why = Why(Cause.PURCHASE, happening.purchase.pk, happening.request_key)
    else:
        assert happening.activity is not None, "stamps come by a purchase or an activity"
        why = Why(Cause.ACTIVITY, happening.activity.pk, happening.request_key)
    move = Move(
        stamps=one.stamps,
        at=min(happening.occurred_at, book.now),
        version=one.card.version_key,
    )
    return Reached(strips.move(_key(one), move, why), happening.member_id)


def _tell_on_receipt(strips: Strips, one: Coming, step: Step, given: Gifted) -> None:
    followed = one.happening.followed
    followed.stamps.append(
        _moved(strips, step, one.card.code, one.card.name, len(filled_by(strips, step)))
    )
    followed.entries += given.entries
    followed.grants += given.grants


def _going(taken: Sequence[TakenBack]) -> Iterator[Going]:
    lost: list[tuple[TakenBack, str, list[AwardReversal]]] = []
    for one in taken:
        by_code: dict[str, list[AwardReversal]] = defaultdict(list)
        for reversal in one.reversals:
            if reversal.award.unit == Award.Unit.STAMPS:
                by_code[reversal.award.target].append(reversal)
        lost += [(one, code, reversals) for code, reversals in by_code.items()]
    if lost:
        cards = StampCard.objects.filter(
            program__in={one.rules.program.pk for one, _code, _reversals in lost}
        )
        by_code_ = {(card.program_id, card.code): card for card in cards}
        for one, code, reversals in lost:
            yield Going(one, by_code_[one.rules.program.pk, code], reversals)


def _gave(going: Sequence[Going]) -> Gave:
    moves = StampMove.objects.filter(
        account__in={part.award.account_id for one in going for part in one.reversals},
        card__in={one.card.pk for one in going},
        cause=Cause.PURCHASE,
        cause_id__in={one.taken.purchase.pk for one in going},
    )
    return {
        (row.account_id, row.card_id, row.cause_id or 0): (row.sequence, row.version_id)
        for row in moves
    }


def _take(book: Book, strips: Strips, one: Going, gave: Gave) -> Step | None:
    """Take off what is there to be taken; nothing when it has lapsed."""
    taken, card = one.taken, one.card
    key = taken.account_id, card.pk
    strip = strips.by_key[key]
    at = min(taken.row.occurred_at, book.now)
    given_on = one.reversals[0].award.account_id
    sequence, version = gave[given_on, card.pk, taken.purchase.pk]
    if strip.has_lost(sequence if given_on == taken.account_id else None, at):
        for reversal in one.reversals:
            reversal.expired = reversal.points
        return None
    stamps = sum(reversal.points for reversal in one.reversals)
    undoing = Undoing(book, strips, key, Why(Cause.RETURN, taken.row.pk, taken.row.request_key))
    opened = strip.reopenings(stamps, may_drop=undoing.may_drop, may_reopen=undoing.may_reopen)
    move = Move(stamps=-stamps, at=at, version=version, reopened=opened)
    step = strips.move(key, move, undoing.why)
    undoing.take_left(step.places)
    taken.followed.stamps.append(_moved(strips, step, card.code, card.name, -opened))
    return step


def _moved(strips: Strips, step: Step, code: str, name: str, completed: int) -> StampsMoved:
    newest = strips.by_key[step.key].newest
    assert newest is not None, "stamps move on a sheet"
    version, stamps = newest.version, newest.stamps
    if newest.is_full:
        version, stamps = step.move.version, 0
    size = spec_of(version).size
    return StampsMoved(code, name, step.move.stamps, stamps, size, completed, version)
