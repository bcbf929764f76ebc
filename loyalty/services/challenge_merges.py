"""Brings the challenges of two accounts together when they become one, and apart again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from core.bulk import insert_many
from loyalty.challenges.counting import Counted
from loyalty.challenges.fold import fold, joined
from loyalty.models import AccountHolder, ChallengeCount, ChallengeRun
from loyalty.services.challenge_runs import (
    Moved,
    compiled,
    counted_by,
    kin_of,
    put,
    settle,
    state_of,
    store_runs,
)
from loyalty.services.happenings import Joined
from loyalty.services.ledger import Book

Try = tuple[int, int, date]


def follow_challenge_merges(book: Book, joins: Sequence[Joined]) -> None:
    """Let the account that lives on have what both had come to, or give each its own back."""
    for one in joins:
        theirs = _runs_of(one.emptied.pk)
        if not theirs:
            continue
        kept_id = book.living(one.kept.pk)
        mine = {_try_of(run): run for run in _runs_of(kept_id)}
        if one.is_undone:
            own = [mine[key] for key in map(_try_of, theirs) if key in mine]
            _part(book, one, [*theirs, *own])
        else:
            _bring(book, one, theirs, mine, kept_id)


def counts_by_run(kin: Mapping[int, Sequence[int]]) -> dict[int, list[Counted]]:
    """Return everything that counts in each run, that of its kin included."""
    rows: dict[int, list[Counted]] = defaultdict(list)
    for row in ChallengeCount.objects.filter(run__in={pk for pks in kin.values() for pk in pks}):
        rows[row.run_id].append(counted_by(row))
    return {own: [counted for pk in pks for counted in rows[pk]] for own, pks in kin.items()}


def holders_of(account_ids: Iterable[int]) -> dict[int, int]:
    """Return who holds each account; of a household, who came first."""
    held = AccountHolder.objects.filter(account__in=set(account_ids)).order_by("-pk")
    return dict(held.values_list("account_id", "member_id"))


def _bring(
    book: Book,
    one: Joined,
    theirs: Iterable[ChallengeRun],
    mine: Mapping[Try, ChallengeRun],
    kept_id: int,
) -> None:
    """Add what came over to the account's own runs, which begin where it had none."""
    fresh = {_try_of(run): _twin(run, kept_id) for run in theirs if _try_of(run) not in mine}
    pairs = [(run, (fresh | dict(mine))[_try_of(run)]) for run in theirs]
    for run, own in pairs:
        target = compiled(own.version_id).spec.target
        put(own, joined(target, state_of(own), state_of(run)))
        own.starts_at = min(own.starts_at, run.starts_at)
        if run.opted_in_at is not None:
            own.opted_in_at = min(own.opted_in_at or run.opted_in_at, run.opted_in_at)
    insert_many(list(fresh.values()))
    _settle(book, one, [own for _run, own in pairs])


def _part(book: Book, one: Joined, runs: Sequence[ChallengeRun]) -> None:
    """Let each run be what counted in it and in those that are still merged into it."""
    counts = counts_by_run(kin_of(runs))
    for run in runs:
        put(run, fold(compiled(run.version_id).spec.target, counts[run.pk]))
    _settle(book, one, runs)


def _settle(book: Book, one: Joined, runs: Sequence[ChallengeRun]) -> None:
    holders = holders_of({run.account_id for run in runs})
    settle(book, [_move(book, one, run, holders) for run in runs])
    store_runs(runs)


def _move(book: Book, one: Joined, run: ChallengeRun, holders: Mapping[int, int]) -> Moved:
    return Moved(
        run=run,
        code=run.challenge.code,
        name=run.challenge.name,
        account_id=run.account_id,
        member_id=holders.get(run.account_id, one.row.member_id),
        request_key=one.row.request_key,
        occurred_at=book.now,
    )


def _runs_of(account_id: int) -> list[ChallengeRun]:
    runs = ChallengeRun.objects.filter(account=account_id)
    return list(runs.select_related("challenge").order_by("pk"))


def _try_of(run: ChallengeRun) -> Try:
    return run.challenge_id, run.version_id, run.period


def _twin(run: ChallengeRun, account_id: int) -> ChallengeRun:
    """Return the same try for the account that lives on, with nothing in it yet."""
    return ChallengeRun(
        account_id=account_id,
        challenge=run.challenge,
        version_id=run.version_id,
        period=run.period,
        starts_at=run.starts_at,
        ends_at=run.ends_at,
        opted_in_at=run.opted_in_at,
    )
