"""Completes runs that reached their goal, and undoes what no longer holds, under account locks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from core.bulk import array, insert_many, update_rows
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.challenges.counting import CompiledChallenge, Counted, compile_challenge
from loyalty.challenges.fold import State, is_reached
from loyalty.challenges.spec import parse_challenge
from loyalty.gifts import AnyGift, BadgeGift, PointsGift
from loyalty.models import (
    ChallengeCompletion,
    ChallengeCount,
    ChallengeRun,
    ChallengeVersion,
    Grant,
)
from loyalty.services.gifts import Due, give_many, take_gifts
from loyalty.services.ledger import Book, Cause
from loyalty.services.recorded import ChallengeMoved, Followed

COMPLETED = "challenge_completion"  # the cause of what a completed run gives

# The runs of the same try that an account has, and those that were merged into it.
KIN = """
    WITH RECURSIVE family AS (
        SELECT DISTINCT account_id AS root, account_id AS member
        FROM loyalty_challengerun WHERE id = ANY(%(runs)s::bigint[])
        UNION ALL
        SELECT family.root, merged.id
        FROM family JOIN loyalty_account merged ON merged.merged_into_id = family.member
    )
    SELECT own.id, other.id
    FROM loyalty_challengerun own
    JOIN family ON family.root = own.account_id
    JOIN loyalty_challengerun other ON other.account_id = family.member
        AND other.challenge_id = own.challenge_id AND other.version_id = own.version_id
        AND other.period = own.period
    WHERE own.id = ANY(%(runs)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A run that something moved, and the request by which it did.

    ``account_id`` is where gifts go to and are taken from, ``member_id`` who gets them.
    """

    run: ChallengeRun
    code: str
    name: str
    account_id: int
    member_id: int
    request_key: str
    occurred_at: datetime
    followed: Followed = field(default_factory=Followed)


class Before(NamedTuple):
    """The completions a run and its kin had so far, and what still stands of their gifts."""

    completions: Sequence[ChallengeCompletion]
    grants: Sequence[Grant]

    @property
    def valid(self) -> list[ChallengeCompletion]:
        """Return the completions that were not undone."""
        return [one for one in self.completions if one.undone_at is None]


@lru_cache(maxsize=1024)
def compiled(version_key: int) -> CompiledChallenge:
    """Return a version ready to run; it never changes, so it is read once per process."""
    rows = ChallengeVersion.objects.filter(pk=version_key)
    spec, number = rows.values_list("spec", "number").get()
    return compile_challenge(parse_challenge(spec), version_key=version_key, number=number)


def state_of(run: ChallengeRun) -> State:
    """Return how far a run has come."""
    return State(run.progress, run.seen)


def put(run: ChallengeRun, state: State) -> None:
    """Let a run have come so far."""
    run.progress, run.seen = state.progress, dict(state.seen)


def counted_by(row: ChallengeCount) -> Counted:
    """Return what a row says that something counts."""
    return Counted(row.counted, tuple(row.keys))


def kin_of(runs: Iterable[ChallengeRun]) -> dict[int, list[int]]:
    """Return, by run, its own id and those of the same try of accounts merged into its own."""
    kin: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(KIN, {"runs": array(run.pk for run in runs)})
        for own, other in cursor.fetchall():
            kin[own].append(other)
    return kin


def settle(book: Book, moves: Sequence[Moved]) -> None:
    """Give for the runs that have reached their goal, and take back where one no longer holds.

    Each run may be named once; the runs themselves are stored by the caller.
    """
    turned = [move for move in moves if _is_turned(move.run)]
    if not turned:
        return
    before = _before(turned)
    events = _undo(book, [move for move in turned if move.run.completed_at], before)
    events += _complete(book, [move for move in turned if _is_due(move.run)], before)
    if book.batch is None:
        tell(events)


def store_runs(runs: Collection[ChallengeRun]) -> None:
    """Store how far runs have come, in one statement."""
    columns = {
        "progress": "numeric",
        "seen": "jsonb",
        "starts_at": "timestamptz",
        "opted_in_at": "timestamptz",
        "completed_at": "timestamptz",
    }
    rows: list[Sequence[Any]] = [
        (
            run.pk,
            run.progress,
            json.dumps(run.seen),
            run.starts_at,
            run.opted_in_at,
            run.completed_at,
        )
        for run in runs
    ]
    update_rows("loyalty_challengerun", columns, rows)


def moved_words(move: Moved, *, is_completed: bool = False) -> ChallengeMoved:
    """Return how far a run has come, for whoever moved it."""
    target = compiled(move.run.version_id).spec.target
    return ChallengeMoved(
        challenge=move.code,
        name=move.name,
        progress=min(move.run.progress, target.goal),
        target=target.goal,
        is_completed=is_completed,
    )


def _is_turned(run: ChallengeRun) -> bool:
    """Say whether a run is completed and was not, or was and, where returns undo, is no more."""
    if run.completed_at is None:
        return _has_reached(run)
    return not _has_reached(run) and compiled(run.version_id).spec.returns == "undo"


def _is_due(run: ChallengeRun) -> bool:
    return run.completed_at is None and _has_reached(run)


def _has_reached(run: ChallengeRun) -> bool:
    return is_reached(compiled(run.version_id).spec.target, state_of(run))


def _before(moves: Sequence[Moved]) -> Mapping[int, Before]:
    kin = kin_of(move.run for move in moves)
    every = {pk for pks in kin.values() for pk in pks}
    completions: dict[int, list[ChallengeCompletion]] = defaultdict(list)
    for one in ChallengeCompletion.objects.filter(run__in=every).order_by("pk"):
        completions[one.run_id].append(one)
    grants: dict[int, list[Grant]] = defaultdict(list)
    causes = [one.pk for some in completions.values() for one in some]
    if causes:
        given = Grant.objects.filter(cause=COMPLETED, cause_id__in=causes)
        for grant in given.filter(status=Grant.Status.GIVEN).order_by("pk"):
            grants[grant.cause_id].append(grant)
    return {
        own: Before(
            [one for pk in pks for one in completions[pk]],
            [grant for pk in pks for one in completions[pk] for grant in grants[one.pk]],
        )
        for own, pks in kin.items()
    }


def _complete(
    book: Book, moves: Sequence[Moved], before: Mapping[int, Before]
) -> list[OutboxEvent]:
    """Give what a completion gives, once per run; what stands of an earlier one is not repeated."""
    fresh: list[tuple[Moved, ChallengeCompletion, list[AnyGift]]] = []
    for move in moves:
        known = before[move.run.pk]
        if known.valid:
            move.run.completed_at = min(one.completed_at for one in known.valid)
            continue
        move.run.completed_at = move.occurred_at
        gifts = _missing(compiled(move.run.version_id).spec.gifts, known)
        fresh.append((move, _completion(book, move, gifts), gifts))
    insert_many([completion for _move, completion, _gifts in fresh])
    given = give_many(book, [_due(move, one, gifts) for move, one, gifts in fresh])
    completed = [(move, one) for move, one, _gifts in fresh]
    for (move, _one), gifted in zip(completed, given, strict=True):
        move.followed.entries += gifted.entries
        move.followed.grants += gifted.grants
    return [_event(book, "challenge.completed", move, one) for move, one in completed]


def _missing(gifts: Iterable[AnyGift], known: Before) -> list[AnyGift]:
    """Return the gifts less those that stand from a completion that was undone in part."""
    points = sum(gift.points for gift in gifts if isinstance(gift, PointsGift))
    points -= sum(one.points - one.taken for one in known.completions)
    standing = {(grant.kind, grant.target) for grant in known.grants}
    missing: list[AnyGift] = [
        gift for gift in gifts if not isinstance(gift, PointsGift) and _named(gift) not in standing
    ]
    if points > 0:
        missing.append(PointsGift(type="points", points=points))
    return missing


def _named(gift: AnyGift) -> tuple[str, str]:
    assert not isinstance(gift, PointsGift), "points are no grant"
    if isinstance(gift, BadgeGift):
        return Grant.Kind.BADGE, gift.badge
    return Grant.Kind.VOUCHER, gift.reward


def _completion(book: Book, move: Moved, gifts: Iterable[AnyGift]) -> ChallengeCompletion:
    return ChallengeCompletion(
        run=move.run,
        points=sum(gift.points for gift in gifts if isinstance(gift, PointsGift)),
        request_key=move.request_key,
        actor=book.actor.name,
        completed_at=move.occurred_at,
    )


def _due(move: Moved, completion: ChallengeCompletion, gifts: Sequence[AnyGift]) -> Due:
    key = f"{move.request_key}:challenge:{move.run.pk}"
    cause = Cause(COMPLETED, completion.pk, key, move.occurred_at, move.name)
    return Due(move.account_id, move.member_id, gifts, cause)


def _undo(book: Book, moves: Sequence[Moved], before: Mapping[int, Before]) -> list[OutboxEvent]:
    """Take back what completions gave that no longer hold; what was used stays."""
    held = [move for move in moves if before[move.run.pk].valid]
    for move in moves:
        move.run.completed_at = None
    for move in held:
        _take(book, move, before[move.run.pk])
    return [
        _event(book, "challenge.undone", move, one)
        for move in held
        for one in before[move.run.pk].completions
        if one.undone_at == book.now
    ]


def _take(book: Book, move: Moved, known: Before) -> None:
    undone = known.valid
    points = sum(one.points - one.taken for one in undone)
    key = f"{move.request_key}:challenge_undone:{move.run.pk}"
    cause = Cause(COMPLETED, undone[0].pk, key, move.occurred_at, move.name)
    entry = take_gifts(book, move.account_id, points, cause, known.grants)
    if entry is not None:
        move.followed.entries.append(entry)
    found = 0 if entry is None else -entry.points
    for one in undone:
        part = min(found, one.points - one.taken)
        one.taken += part
        found -= part
        one.undone_at = book.now
    ChallengeCompletion.objects.bulk_update(undone, ["taken", "undone_at"])


def _event(book: Book, kind: str, move: Moved, completion: ChallengeCompletion) -> OutboxEvent:
    account = book.accounts[move.account_id]
    return event(
        kind,
        completion,
        organization_id=account.program.organization_id,
        payload={
            "challenge": move.code,
            "account": str(account.public_id),
            "period": move.run.period.isoformat(),
        },
    )
