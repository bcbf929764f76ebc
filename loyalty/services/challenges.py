"""Moves the challenges of members: by what they buy and do, by what comes back, and by merges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.bulk import insert_many
from core.days import local_day
from loyalty.challenges.counting import NOTHING, CompiledChallenge, Counted, Happened, ground_of
from loyalty.challenges.fold import moved
from loyalty.earning.basket import Ground
from loyalty.models import Award, ChallengeCount, ChallengeRun
from loyalty.rule_history import ALWAYS
from loyalty.services.challenge_runs import (
    Moved,
    compiled,
    moved_words,
    put,
    settle,
    state_of,
    store_runs,
)
from loyalty.services.facts import Facts, facts_for
from loyalty.services.happenings import Happening
from loyalty.services.ledger import Book
from loyalty.services.rulebook import CHALLENGES, DatedPart, DatedRule, ProgramRules, Versions


def follow_challenges(book: Book, happenings: Sequence[Happening]) -> None:
    """Count what members did in the challenges that run, and give for those they complete."""
    counting = [one for one in happenings if one.rules.parts[CHALLENGES]]
    if not counting:
        return
    tries = _Tries(counting)
    for happening, part, challenge, run in tries.of_all():
        counted = tries.counted(happening, part, challenge)
        if counted != NOTHING:
            tries.count(happening, part, run or _begun(happening, part, challenge), counted)
    tries.store(book)


@dataclass(slots=True)
class _Tries:
    """The runs of the accounts that something happened to, and what happened in them."""

    happenings: Sequence[Happening]
    runs: dict[tuple[int, int], list[ChallengeRun]] = field(init=False)
    facts: Facts = field(init=False)
    grounds: dict[int, Ground] = field(default_factory=dict)
    counts: list[ChallengeCount] = field(default_factory=list)
    touched: dict[int, ChallengeRun] = field(default_factory=dict)
    moves: dict[int, Moved] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.runs = _runs_of(self.happenings)
        self.facts = self._facts()

    def of_all(
        self,
    ) -> Iterator[tuple[Happening, DatedPart, CompiledChallenge, ChallengeRun | None]]:
        """Yield what each happening may count in; without a run where one would begin with it."""
        for happening in self.happenings:
            for part in happening.rules.parts_at(CHALLENGES, happening.occurred_at):
                run = self._covering(happening, part)
                challenge = compiled(run.version_id if run else part.version_key)
                if run is not None or not challenge.spec.is_opt_in:
                    yield happening, part, challenge, run

    def counted(
        self, happening: Happening, part: DatedPart, challenge: CompiledChallenge
    ) -> Counted:
        """Return what a happening counts in a challenge."""
        is_asked = challenge.spec.target.is_bought and happening.draft is not None
        happened = Happened(
            day=local_day(happening.occurred_at, happening.rules.zone),
            ground=self._ground(happening) if is_asked else None,
            activity=_activity(happening),
            steps=_steps(happening.awards, part.code),
        )
        return challenge.counts(happened)

    def count(
        self, happening: Happening, part: DatedPart, run: ChallengeRun | None, counted: Counted
    ) -> None:
        """Let something count in a run, if one could begin."""
        if run is None:
            return
        runs = self.runs[happening.account_id, part.key]
        if not any(known is run for known in runs):
            runs.append(run)
        target = compiled(run.version_id).spec.target
        was_reached = run.progress >= target.goal
        put(run, moved(target, state_of(run), more=counted))
        self.touched[id(run)] = run
        self.counts.append(
            ChallengeCount(
                run=run,
                purchase=happening.purchase,
                activity=happening.activity,
                counted=counted.amount,
                keys=list(counted.keys),
            )
        )
        move = _move(happening, part, run)
        if not was_reached or id(run) not in self.moves:
            self.moves[id(run)] = move
        happening.followed.challenges.append(moved_words(move))

    def store(self, book: Book) -> None:
        """Store the runs and what counted in them, and give for what is complete."""
        fresh = [run for run in self.touched.values() if run._state.adding]  # noqa: SLF001
        known = [run for run in self.touched.values() if not run._state.adding]  # noqa: SLF001
        insert_many(fresh)
        insert_many(self.counts)
        missing = [move for move in self.moves.values() if move.run.completed_at is None]
        settle(book, missing)
        store_runs([*known, *(run for run in fresh if run.completed_at is not None)])
        for move in missing:
            if move.run.completed_at is not None:
                _tell_completed(move)

    def _covering(self, happening: Happening, part: DatedPart) -> ChallengeRun | None:
        """Return the run that a happening falls into; of several the one that began last."""
        moment = happening.occurred_at
        covering = [
            run
            for run in self.runs[happening.account_id, part.key]
            if run.starts_at <= moment < run.ends_at
        ]
        return max(covering, key=lambda run: (run.starts_at, run.version_id), default=None)

    def _ground(self, happening: Happening) -> Ground:
        ground = self.grounds.get(id(happening))
        if ground is None:
            assert happening.draft is not None, "only purchases are asked for goods"
            known = self.facts.about(happening.rules, happening.draft)
            receipt = known.of(happening.draft.receipt)
            ground = ground_of(receipt, known.earner)
            self.grounds[id(happening)] = ground
        return ground

    def _facts(self) -> Facts:
        """Read what the conditions of challenges ask, as what the conditions of rules do."""
        sold = [one for one in self.happenings if one.draft is not None]
        programs = {one.rules.program.pk: self._as_rules(one.rules) for one in sold}
        drafts = {id(one.draft): one.draft for one in sold if one.draft is not None}
        return facts_for(
            programs.values(),
            list(drafts.values()),
            recorded=[one.purchase.pk for one in sold if one.purchase is not None],
            accounts={(one.rules.program.pk, one.member_id): one.account_id for one in sold},
        )

    def _as_rules(self, rules: ProgramRules) -> ProgramRules:
        keys = {part.version_key for dated in rules.parts[CHALLENGES].values() for part in dated}
        begun = {run.version_id for runs in self.runs.values() for run in runs}
        asked = {key: [DatedRule(ALWAYS, compiled(key).whole)] for key in keys | begun}
        return replace(rules, versions=Versions(asked))


def _runs_of(happenings: Iterable[Happening]) -> dict[tuple[int, int], list[ChallengeRun]]:
    """Return the runs that the happenings may fall into, by account and challenge."""
    moments = [one.occurred_at for one in happenings]
    found: dict[tuple[int, int], list[ChallengeRun]] = defaultdict(list)
    runs = ChallengeRun.objects.filter(
        account__in={one.account_id for one in happenings},
        challenge__in={key for one in happenings for key in one.rules.parts[CHALLENGES]},
        starts_at__lte=max(moments),
        ends_at__gt=min(moments),
    )
    for run in runs:
        found[run.account_id, run.challenge_id].append(run)
    return found


def _begun(
    happening: Happening, part: DatedPart, challenge: CompiledChallenge
) -> ChallengeRun | None:
    """Begin a run with what happened, where its moment lies in a period; unsaved."""
    span = challenge.spec.period.span_at(happening.occurred_at, happening.rules.zone)
    if span is None:
        return None
    return ChallengeRun(
        account_id=happening.account_id,
        challenge_id=part.key,
        version_id=part.version_key,
        period=span.day,
        starts_at=max(span.starts_at, part.effective_from),
        ends_at=span.ends_at,
    )


def _activity(happening: Happening) -> tuple[str, str] | None:
    done = happening.activity
    return None if done is None else (done.kind, done.name)


def _steps(awards: Iterable[Award], code: str) -> int:
    return sum(
        award.awarded for award in awards if award.unit == Award.Unit.STEPS and award.target == code
    )


def _move(happening: Happening, part: DatedPart, run: ChallengeRun) -> Moved:
    return Moved(
        run=run,
        code=part.code,
        name=part.name,
        account_id=happening.account_id,
        member_id=happening.member_id,
        request_key=happening.request_key,
        occurred_at=happening.occurred_at,
        followed=happening.followed,
    )


def _tell_completed(move: Moved) -> None:
    """Say of the purchase that it completed the challenge."""
    told = move.followed.challenges
    told[:] = [one for one in told if one.challenge != move.code]
    told.append(moved_words(move, is_completed=True))
