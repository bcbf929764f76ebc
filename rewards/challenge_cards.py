"""What a challenge looks like to members and cashiers: how far, how long still, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.keyed_forms import new_key
from core.models import Organization
from core.templatetags.formats import number
from loyalty.challenges.levels import needed_words
from loyalty.challenges.spec import ChallengeSpec
from loyalty.challenges.words import asked_words, progress_words
from loyalty.earning.wording import Wording
from loyalty.services.challenge_reading import (
    HeldChallenge,
    LevelHeld,
    badges_of,
    challenges_held_by,
    levels_of,
)
from loyalty.stamps.words import gifts_in_short
from members.models import Member
from rewards.queries import gift_names
from rewards.stamp_strips import wording_among

FULL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeView:
    """A challenge as somebody sees it; ``key`` is that of the form that joins it."""

    public_id: str
    name: str
    description: str
    asked: str
    gifts: str
    so_far: str
    share: int
    ends_at: datetime | None = None
    begins_at: datetime | None = None
    days_left: int = 0
    is_completed: bool = False
    is_resting: bool = False
    can_join: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class ToldAtTill:
    """What a cashier can say of challenges: which is nearly done, and which can be joined."""

    near: str
    open: Sequence[ChallengeView]


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A badge somebody has; ``times`` is above one when they got it again."""

    name: str
    times: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class LevelView:
    """The level somebody is on, and what is missing to the next one."""

    program: str
    level: str
    so_far: str
    following: str
    missing: str
    share: int


@dataclass(frozen=True, slots=True)
class Achievements:
    """The levels and badges of a member."""

    levels: Sequence[LevelView]
    badges: Sequence[BadgeView]


def challenges_shown(member: Member, organization: Organization) -> list[ChallengeView]:
    """Return the challenges a member takes part in or may join, the nearest to its end first."""
    now = timezone.now()
    held = challenges_held_by(member, now)
    names = gift_names(organization) if held else {}
    return [view_of(one, wording_among(organization, names, one.program_id), now) for one in held]


def view_of(one: HeldChallenge, say: Wording, now: datetime) -> ChallengeView:
    """Return a challenge as its member sees it."""
    left = one.ends_at - now if one.ends_at else None
    joins = one.spec.period.words(say) if one.spec.period.needs_joining else ""
    return ChallengeView(
        public_id=one.public_id,
        name=one.name,
        description=one.spec.description or joins,
        asked=asked_words(one.spec, say),
        gifts=gifts_in_short(one.spec.gifts, say),
        so_far=progress_words(one.spec, one.progress, say),
        share=share_of(one.spec, one.progress),
        ends_at=one.ends_at,
        begins_at=one.begins_at,
        days_left=left.days if left else 0,
        is_completed=one.completed_at is not None,
        is_resting=one.is_resting,
        can_join=one.can_join,
        key=new_key() if one.can_join else "",
    )


def example_of(name: str, spec: ChallengeSpec, say: Wording) -> ChallengeView:
    """Return a challenge as a member sees it who has come a good half of the way."""
    goal = spec.target.goal
    half = goal / 2 if spec.target.type == "amount" else Decimal(int(goal + 1) // 2)
    return ChallengeView(
        public_id="",
        name=name,
        description=spec.description or "",
        asked=asked_words(spec, say),
        gifts=gifts_in_short(spec.gifts, say),
        so_far=progress_words(spec, half, say),
        share=share_of(spec, half),
    )


def share_of(spec: ChallengeSpec, progress: Decimal) -> int:
    """Return how far somebody has come in percent; all of it only when it is all."""
    return min(FULL, int(progress * FULL / spec.target.goal))


def told_at_till(member: Member) -> ToldAtTill:
    """Return the one sentence worth saying of challenges, and those that can be joined."""
    shown_at = timezone.now()
    organization = member.organization
    held = challenges_held_by(member, shown_at)
    near = [one for one in held if one.is_one_step_away and one.has_begun and not one.is_resting]
    free = [one for one in held if one.can_join]
    names = gift_names(organization) if free else {}
    return ToldAtTill(
        _("One step more completes “%(challenge)s”") % {"challenge": near[0].name} if near else "",
        [
            view_of(one, wording_among(organization, names, one.program_id), shown_at)
            for one in free
        ],
    )


def achievements_of(member: Member) -> Achievements:
    """Return what a member has achieved."""
    badges = badges_of(member)
    levels = levels_of(member, badges)
    say = Wording.for_reader(member.organization.currency)
    return Achievements(
        [_level(one, say, is_alone=len(levels) == 1) for one in levels],
        [BadgeView(one.name, one.times, one.given_at) for one in badges],
    )


def _level(one: LevelHeld, say: Wording, *, is_alone: bool) -> LevelView:
    level, following, missing = one.standing
    needed = one.count + missing
    more = ""
    if following:
        told = ngettext("%(missing)s more to %(level)s", "%(missing)s more to %(level)s", missing)
        more = told % {"missing": number(missing), "level": following}
    return LevelView(
        program="" if is_alone else one.program.name,
        level=level,
        so_far=needed_words(one.counts, one.count, say),
        following=following,
        missing=more,
        share=FULL if not needed else one.count * FULL // needed,
    )
