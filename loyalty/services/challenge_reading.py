"""The challenges of an organization and of its members, as they stand now."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from core.bulk import array
from core.days import local_day
from core.models import Organization
from loyalty.challenges.fold import BEGINNING, State, now_standing
from loyalty.challenges.levels import Standing, standing
from loyalty.challenges.periods import Span, is_over
from loyalty.challenges.spec import ChallengeSpec
from loyalty.models import (
    Challenge,
    ChallengeCompletion,
    ChallengeRun,
    ChallengeVersion,
    Grant,
    Program,
)
from loyalty.rule_history import counting
from loyalty.services.challenge_runs import COMPLETED, compiled
from members.models import Member
from members.queries import everyone_in

# Each challenge that somebody may take part in: their try at it now, and what a new one begins by.
HELD = """
    SELECT challenge.id, challenge.public_id, challenge.code, challenge.name, challenge.status,
        program.id, program.status, current.id, run.version_id, run.progress, run.seen,
        run.starts_at, run.ends_at, run.completed_at
    FROM loyalty_challenge challenge
    JOIN loyalty_program program ON program.id = challenge.program_id
    LEFT JOIN loyalty_accountholder holder
        ON holder.program_id = program.id AND holder.member_id = %(member)s
    LEFT JOIN LATERAL (
        SELECT version.id FROM loyalty_challengeversion version
        WHERE version.challenge_id = challenge.id AND version.effective_from <= %(now)s
        ORDER BY version.number DESC LIMIT 1
    ) current ON true
    LEFT JOIN LATERAL (
        SELECT one.* FROM loyalty_challengerun one
        WHERE one.account_id = holder.account_id AND one.challenge_id = challenge.id
            AND one.starts_at <= %(now)s AND one.ends_at > %(now)s
        ORDER BY one.starts_at DESC, one.version_id DESC LIMIT 1
    ) run ON true
    WHERE program.organization_id = %(organization)s AND program.status IN ('live', 'paused')
        AND ((challenge.status = 'active' AND current.id IS NOT NULL
                AND (program.is_open OR holder.id IS NOT NULL))
            OR (challenge.status = 'paused' AND run.id IS NOT NULL))
    ORDER BY challenge.id
"""


THINGS = """
    SELECT run.challenge_id, count(*)
    FROM loyalty_challengerun run
    JOIN loyalty_challengecompletion completion ON completion.run_id = run.id
    JOIN loyalty_grant given ON given.account_id = run.account_id
        AND given.cause_id = completion.id AND given.status = 'given'
    WHERE run.challenge_id = ANY(%s::bigint[]) AND given.cause = %s
    GROUP BY run.challenge_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChallenge:
    """A challenge as it is for somebody now; who has not begun has no progress.

    ``span`` is the period that runs, or with ``begins_at`` the one that has not begun.
    """

    challenge_id: int
    public_id: str
    code: str
    name: str
    program_id: int
    spec: ChallengeSpec
    progress: Decimal
    ends_at: datetime | None
    begins_at: datetime | None = None
    completed_at: datetime | None = None
    has_begun: bool = False
    can_join: bool = False
    is_resting: bool = False

    @property
    def is_one_step_away(self) -> bool:
        """Say whether one more of what it counts completes it."""
        goal = self.spec.target.goal
        counts_whole = self.spec.target.type != "amount"
        return counts_whole and not self.completed_at and goal - self.progress == 1


@dataclass(frozen=True, slots=True)
class ChallengeFigures:
    """How many tries there were at a challenge, how many came to the end, and what they gave."""

    joined: int = 0
    completed: int = 0
    points: int = 0
    things: int = 0


@dataclass(frozen=True, slots=True)
class BadgeHeld:
    """A badge somebody has, how often they got it, and when last."""

    name: str
    times: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class LevelHeld:
    """Where somebody stands on the levels of one program, and what is counted for them."""

    program: Program
    counts: str
    count: int
    standing: Standing


class _Row(NamedTuple):
    challenge_id: int
    public_id: Any
    code: str
    name: str
    status: str
    program_id: int
    program_status: str
    current: int | None
    version: int | None
    progress: Decimal
    seen: Any
    starts_at: datetime
    ends_at: datetime
    completed_at: datetime | None


def challenges_held_by(member: Member, now: datetime) -> list[HeldChallenge]:
    """Return the challenges that a member takes part in or may take part in, in one question.

    What they have begun comes first, what is nearest to its end before the rest.
    """
    values: dict[str, Any] = {
        "member": member.pk,
        "organization": member.organization_id,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(HELD, values)
        rows = [_Row(*row) for row in cursor.fetchall()]
    zone = member.organization.zone
    held = [one for row in rows if (one := _held(row, now, zone)) is not None]
    return sorted(held, key=_nearness)


def challenges_of(organization: Organization) -> QuerySet[Challenge]:
    """Return the challenges of all programs of the organization, oldest first."""
    challenges = Challenge.objects.filter(program__organization=organization)
    return challenges.select_related("program").order_by("pk")


def accounts_of_runs(organization: Organization, run_ids: Collection[int]) -> dict[int, int]:
    """Return whose account each of these tries is of."""
    runs = ChallengeRun.objects.filter(challenge__program__organization=organization)
    return dict(runs.filter(pk__in=run_ids).values_list("pk", "account_id"))


def challenge_versions(challenges: Iterable[Challenge]) -> dict[int, list[ChallengeVersion]]:
    """Return what each challenge says and ever said, oldest first, by the challenge's key."""
    found: dict[int, list[ChallengeVersion]] = {one.pk: [] for one in challenges}
    versions = ChallengeVersion.objects.filter(challenge__in=found)
    for version in versions.order_by("challenge_id", "number"):
        found[version.challenge_id].append(version)
    return found


def public_challenges(program: Program, now: datetime) -> list[tuple[Challenge, ChallengeSpec]]:
    """Return the challenges that run or are to begin, with what they say."""
    active = Challenge.objects.filter(program=program, status=Challenge.Status.ACTIVE)
    challenges = {one.pk: one for one in active.order_by("pk")}
    zone = program.organization.zone
    valid = {
        pk: [version for version in counting(every) if version.effective_from <= now]
        for pk, every in challenge_versions(challenges.values()).items()
    }
    told = [(challenges[pk], compiled(begun[-1].pk).spec) for pk, begun in valid.items() if begun]
    return [(one, spec) for one, spec in told if not is_over(spec.period, now, zone)]


def challenge_figures(challenges: Iterable[Challenge]) -> dict[int, ChallengeFigures]:
    """Return how many tries there were at each challenge, and what came of them."""
    ids = [one.pk for one in challenges]
    runs = ChallengeRun.objects.filter(challenge__in=ids, account__merged_into=None).order_by()
    counted = runs.values_list("challenge_id").annotate(
        Count("pk"), completed=Count("pk", filter=Q(completed_at__isnull=False))
    )
    points = dict(
        ChallengeCompletion.objects.filter(run__challenge__in=ids)
        .order_by()
        .values_list("run__challenge_id")
        .annotate(left=Sum(F("points") - F("taken")))
    )
    things = _things_given(ids)
    return {
        pk: ChallengeFigures(joined, completed, points.get(pk) or 0, things[pk])
        for pk, joined, completed in counted
    }


def badges_of(member: Member) -> list[BadgeHeld]:
    """Return the badges that a member has, and those shared with a household, the newest first."""
    held = Q(member__in=everyone_in(member)) | Q(account__holders__member=member)
    given = Grant.objects.filter(held, kind=Grant.Kind.BADGE, status=Grant.Status.GIVEN)
    rows = given.distinct().values_list("pk", "target", "given_at")
    counts = Counter(name for _pk, name, _at in rows)
    newest: dict[str, datetime] = {}
    for _pk, name, given_at in rows:
        newest[name] = max(given_at, newest.get(name, given_at))
    badges = [BadgeHeld(name, counts[name], at) for name, at in newest.items()]
    return sorted(badges, key=lambda badge: badge.given_at, reverse=True)


def completed_by(member: Member) -> QuerySet[ChallengeRun]:
    """Return the tries of a member that came to their end."""
    runs = ChallengeRun.objects.filter(account__holders__member=member, completed_at__isnull=False)
    return runs.select_related("challenge")


def levels_of(member: Member, badges: Sequence[BadgeHeld]) -> list[LevelHeld]:
    """Return the level a member has reached in each program that has levels."""
    programs = Program.objects.filter(
        organization=member.organization_id, status__in=[Program.Status.LIVE, Program.Status.PAUSED]
    )
    leveled = [one for one in programs.order_by("pk") if one.terms.levels is not None]
    if not leveled:
        return []
    completed = dict(
        completed_by(member).order_by().values_list("challenge__program_id").annotate(Count("pk"))
    )
    won = sum(badge.times for badge in badges)
    levels = []
    for program in leveled:
        steps = program.terms.levels
        assert steps is not None, "only programs with levels are asked"
        count = won if steps.counts == "badges" else completed.get(program.pk, 0)
        levels.append(LevelHeld(program, steps.counts, count, standing(steps, count)))
    return levels


def _things_given(challenge_ids: Sequence[int]) -> Counter[int]:
    """Count the vouchers and badges that stand, by challenge."""
    with connection.cursor() as cursor:
        cursor.execute(THINGS, [array(challenge_ids), COMPLETED])
        return Counter(dict(cursor.fetchall()))


def _held(row: _Row, now: datetime, zone: ZoneInfo) -> HeldChallenge | None:
    key = row.version or row.current
    assert key is not None, "what is shown has a version"
    spec = compiled(key).spec
    has_begun = row.version is not None
    span = spec.period.span_at(now, zone)
    if has_begun:
        span = Span(local_day(row.starts_at, zone), row.starts_at, row.ends_at)
    begins = None if span else spec.period.begins_at(zone)
    if span is None and (begins is None or begins <= now):
        return None
    is_resting = row.status != Challenge.Status.ACTIVE or row.program_status != Program.Status.LIVE
    return HeldChallenge(
        challenge_id=row.challenge_id,
        public_id=str(row.public_id),
        code=row.code,
        name=row.name,
        program_id=row.program_id,
        spec=spec,
        progress=now_standing(spec.target, _state(row), local_day(now, zone)),
        ends_at=span.ends_at if span and (has_begun or not spec.period.needs_joining) else None,
        begins_at=begins,
        completed_at=row.completed_at,
        has_begun=has_begun,
        can_join=spec.is_opt_in and not has_begun and span is not None and not is_resting,
        is_resting=is_resting,
    )


def _state(row: _Row) -> State:
    if row.version is None:
        return BEGINNING
    seen = json.loads(row.seen) if isinstance(row.seen, str) else row.seen
    return State(row.progress, seen)


def _nearness(one: HeldChallenge) -> tuple[bool, bool, Decimal]:
    return (
        one.completed_at is not None,
        not one.has_begun,
        -one.progress / one.spec.target.goal,
    )
