"""Checks that every challenge is what its history says, and brings it there where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.actors import Actor
from core.days import local_day
from loyalty.challenges.counting import Counted, Happened
from loyalty.challenges.fold import State, fold, is_reached
from loyalty.challenges.spec import ChallengeSpec
from loyalty.challenges.targets import StepsTarget
from loyalty.models import Account, Award, ChallengeCount, ChallengeRun
from loyalty.services.challenge_merges import counts_by_run, holders_of
from loyalty.services.challenge_returns import ground_left, lines_of
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
from loyalty.services.ledger import open_book

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row that says something else than its history does, both as people read them."""

    account_id: int
    challenge: str
    row: str
    pk: int
    expected: str
    found: str


class _Wrong(NamedTuple):
    """The counts and runs of some accounts that do not agree, each with what it should say."""

    counts: list[tuple[ChallengeCount, Counted]]
    runs: list[tuple[ChallengeRun, State]]


def disagreements(organization_id: int) -> list[Disagreement]:
    """Return what does not agree: what counted with what was bought, runs with what counted."""
    return [one for accounts in _chunks(organization_id) for one in _told(_wrong_in(accounts))]


def rebuild(organization_id: int, *, actor: Actor) -> int:
    """Bring everything to what its history says, and give or take what follows; return how much.

    Under the locks of the accounts, some of them at a time; it can be run again at any time.
    """
    return sum(_rebuild(accounts, actor) for accounts in _chunks(organization_id))


@transaction.atomic
def _rebuild(account_ids: Sequence[int], actor: Actor) -> int:
    with open_book(account_ids, actor=actor) as book:
        wrong = _wrong_in(account_ids)
        for row, counted in wrong.counts:
            row.counted, row.keys = counted.amount, list(counted.keys)
        ChallengeCount.objects.bulk_update([row for row, _it in wrong.counts], ["counted", "keys"])
        again = _wrong_in(account_ids).runs  # what counts was put right
        for run, state in again:
            put(run, state)
        holders = holders_of(run.account_id for run, _state in again)
        key = f"audit:{timezone.now():%Y%m%dT%H%M%S%f}"
        settle(book, [_move(run, holders, key) for run, _state in again])
        store_runs([run for run, _state in again])
    return len(wrong.counts) + len(again)


def _chunks(organization_id: int) -> Iterator[list[int]]:
    """Yield the accounts that live, because those that were merged wait as they were."""
    accounts = Account.objects.filter(
        program__organization=organization_id,
        merged_into=None,
        pk__in=ChallengeRun.objects.values("account"),
    ).order_by("pk")
    after = 0
    while ids := list(accounts.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]):
        yield ids
        after = ids[-1]


def _wrong_in(account_ids: Collection[int]) -> _Wrong:
    own = ChallengeRun.objects.filter(account__in=account_ids).order_by("pk")
    runs = list(own.select_related("challenge"))
    kin = kin_of(runs)
    rows = list(
        ChallengeCount.objects.filter(run__in={pk for pks in kin.values() for pk in pks})
        .select_related("run__challenge__program__organization", "purchase")
        .order_by("pk")
    )
    counts = counts_by_run(kin)
    expected = [(run, fold(_spec(run).target, counts[run.pk])) for run in runs]
    return _Wrong(
        [(row, should) for row, should in _should_count(rows) if counted_by(row) != should],
        [(run, state) for run, state in expected if not _agrees(run, state)],
    )


def _agrees(run: ChallengeRun, state: State) -> bool:
    if state_of(run) != state:
        return False
    is_done = is_reached(_spec(run).target, state)
    if run.completed_at is None:
        return not is_done
    return is_done or _spec(run).returns == "keep"


def _should_count(rows: Sequence[ChallengeCount]) -> Iterator[tuple[ChallengeCount, Counted]]:
    """Yield what each row should count by what is left of its purchase; where returns undo."""
    undone = [row for row in rows if _spec(row.run).returns == "undo"]
    of_goods = [row for row in undone if _spec(row.run).target.is_bought]
    lines = lines_of({row.purchase_id for row in of_goods if row.purchase_id is not None})
    for row in of_goods:
        assert row.purchase is not None, "goods are bought"
        ground = ground_left(row.purchase, lines[row.purchase.pk])
        day = local_day(row.purchase.occurred_at, row.run.challenge.program.organization.zone)
        still = compiled(row.run.version_id).counts_still(Happened(day=day, ground=ground))
        yield row, still
    steps = [row for row in undone if isinstance(_spec(row.run).target, StepsTarget)]
    given = _steps_given(steps)
    for row in steps:
        key = row.purchase_id, row.activity_id, row.run.challenge_id
        yield row, Counted(Decimal(given[key]))


def _steps_given(
    rows: Iterable[ChallengeCount],
) -> Mapping[tuple[int | None, int | None, int], int]:
    """Return the steps that stand, by purchase or activity and challenge."""
    of = list(rows)
    challenges = {
        (row.run.challenge.program_id, row.run.challenge.code): row.run.challenge_id for row in of
    }
    behind = Q(purchase__in={row.purchase_id for row in of if row.purchase_id}) | Q(
        activity__in={row.activity_id for row in of if row.activity_id}
    )
    steps = Award.objects.filter(behind, unit=Award.Unit.STEPS).select_related("rule_version__rule")
    found: dict[tuple[int | None, int | None, int], int] = defaultdict(int)
    for award in steps:
        challenge = challenges.get((award.rule_version.rule.program_id, award.target))
        if challenge is not None:
            key = award.purchase_id, award.activity_id, challenge
            found[key] += award.awarded - award.reversed
    return found


def _told(wrong: _Wrong) -> Iterator[Disagreement]:
    for row, counted in wrong.counts:
        found = f"{row.counted} {sorted(row.keys)}"
        expected = f"{counted.amount} {sorted(counted.keys)}"
        yield _disagreement(row.run, "loyalty.challengecount", row.pk, expected, found)
    for run, state in wrong.runs:
        is_done = is_reached(_spec(run).target, state)
        found = _in_words(state_of(run), is_completed=run.completed_at is not None)
        expected = _in_words(state, is_completed=is_done)
        yield _disagreement(run, "loyalty.challengerun", run.pk, expected, found)


def _disagreement(run: ChallengeRun, row: str, pk: int, expected: str, found: str) -> Disagreement:
    return Disagreement(
        account_id=run.account_id,
        challenge=run.challenge.code,
        row=row,
        pk=pk,
        expected=expected,
        found=found,
    )


def _in_words(state: State, *, is_completed: bool) -> str:
    done = ", completed" if is_completed else ""
    return f"{state.progress} {dict(sorted(state.seen.items()))}{done}"


def _spec(run: ChallengeRun) -> ChallengeSpec:
    return compiled(run.version_id).spec


def _move(run: ChallengeRun, holders: Mapping[int, int], key: str) -> Moved:
    return Moved(
        run=run,
        code=run.challenge.code,
        name=run.challenge.name,
        account_id=run.account_id,
        member_id=holders[run.account_id],
        request_key=key,
        occurred_at=timezone.now(),
    )
