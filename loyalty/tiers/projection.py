"""What is missing to the next tier, and to stay in this one: as data, and in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.days import local_day
from loyalty.earning.exact import ZERO
from loyalty.earning.wording import Wording
from loyalty.tiers.counting import Tally
from loyalty.tiers.fold import State
from loyalty.tiers.spec import (
    CalendarYear,
    LadderSpec,
    MembershipYear,
    RollingMonths,
    Tier,
    Window,
)
from loyalty.tiers.windows import A_DAY, anniversary_before, days_later, first_day, last_instant
from loyalty.tiers.words import amount_words

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A tier to reach or to stay in: so much is there of what is needed, ``by`` its last day."""

    tier: Tier
    have: Decimal
    needed: Decimal
    by: date | None

    @property
    def missing(self) -> Decimal:
        """Return what is still to come."""
        return max(ZERO, self.needed - self.have)

    @property
    def percent(self) -> int:
        """Return how far it is, in whole percent and never 100 before it is reached."""
        return min(100, int(self.have * 100 / self.needed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Where a member stands now: their tier, its last day, and what to reach or keep next.

    ``is_given`` says that they have the tier whatever they earned.
    """

    basis: str
    tier: Tier | None
    until: date | None
    is_given: bool
    is_in_grace: bool
    reach: Goal | None
    stay: Goal | None

    @property
    def is_at_risk(self) -> bool:
        """Say whether the tier is lost unless something happens."""
        return self.stay is not None and self.stay.missing > ZERO


@dataclass(frozen=True, slots=True)
class Given:
    """A tier that somebody was given, and when it ends, if ever."""

    code: str
    ends_at: datetime | None


def project(
    state: State,
    tally: Tally,
    ladder: LadderSpec,
    *,
    given: Given | None,
    zone: ZoneInfo,
    now: datetime,
) -> Projection:
    """Return what a member is told about their tier at this moment."""
    is_given = given is not None and ladder.rank(given.code) > ladder.rank(state.tier)
    code = given.code if given is not None and is_given else state.tier
    ends_at = given.ends_at if given is not None and is_given else state.until
    reach = _reach(state, tally, ladder, code=code, today=local_day(now, zone))
    return Projection(
        basis=ladder.basis,
        tier=ladder.tier(code),
        until=None if ends_at is None else local_day(last_instant(ends_at), zone),
        is_given=is_given,
        is_in_grace=state.is_in_grace and not is_given,
        reach=reach,
        stay=None if is_given else _stay(state, tally, ladder, zone),
    )


def for_member(seen: Projection, currency: str, now: date) -> str:
    """Say the one thing that matters to the member now."""
    return _sentence(seen, currency, now, _TO_MEMBERS)


def for_cashier(seen: Projection, currency: str, now: date) -> str:
    """Say the one thing that a cashier can pass on now."""
    return _sentence(seen, currency, now, _TO_CASHIERS)


def _reach(
    state: State, tally: Tally, ladder: LadderSpec, *, code: str, today: date
) -> Goal | None:
    tier = ladder.next_above(code)
    if tier is None or tier.threshold is None:
        return None
    first = first_day(ladder.window, today, state.joined_on)
    have = tally.worth(ladder.basis, first, gross=ladder.returns == "never")
    by = _last_day(ladder.window, today, state.joined_on)
    return Goal(tier=tier, have=have, needed=tier.threshold, by=by)


def _stay(state: State, tally: Tally, ladder: LadderSpec, zone: ZoneInfo) -> Goal | None:
    tier = ladder.tier(state.tier)
    if state.until is None or tier is None or tier.threshold is None:
        return None
    if ladder.downgrade == "none":
        return None
    last_look = days_later(state.until, ladder.grace_days, zone)
    last_of_period = local_day(last_instant(state.until), zone)
    first = first_day(ladder.window, last_of_period, state.joined_on)
    have = tally.worth(ladder.basis, first, gross=ladder.returns == "never")
    by = local_day(last_instant(last_look), zone)
    return Goal(tier=tier, have=have, needed=tier.threshold, by=by)


def _last_day(window: Window, today: date, joined_on: date) -> date | None:
    """Return the last day on which what counts today still counts."""
    if isinstance(window, CalendarYear):
        return date(today.year, 12, 31)
    if isinstance(window, MembershipYear):
        begun = anniversary_before(today, joined_on)
        return anniversary_before(begun + 366 * A_DAY, joined_on) - A_DAY
    assert isinstance(window, RollingMonths) or window.type == "lifetime", "there are no others"
    return None


_TO_MEMBERS: dict[str, Promise] = {
    "stay": gettext_lazy("%(missing)s more by %(day)s and you stay %(tier)s."),
    "reach": gettext_lazy("%(missing)s more and you reach %(tier)s."),
    "reach_by": gettext_lazy("%(missing)s more by %(day)s and you reach %(tier)s."),
    "until": gettext_lazy("You are %(tier)s until %(day)s."),
    "for_good": gettext_lazy("You are %(tier)s and stay it."),
}
_TO_CASHIERS: dict[str, Promise] = {
    "stay": gettext_lazy("%(missing)s more by %(day)s to stay %(tier)s"),
    "reach": gettext_lazy("%(missing)s more to reach %(tier)s"),
    "reach_by": gettext_lazy("%(missing)s more by %(day)s to reach %(tier)s"),
    "until": gettext_lazy("%(tier)s until %(day)s"),
    "for_good": gettext_lazy("%(tier)s for good"),
}


def goal_words(seen: Projection, goal: Goal, say: Wording, words: str, *, to_member: bool) -> str:
    """Write one goal in a sentence: "£120 more by 31 Dec 2026 and you reach Gold."."""
    sentences = _TO_MEMBERS if to_member else _TO_CASHIERS
    return _told(sentences[words], seen, goal, say)


def _sentence(seen: Projection, currency: str, now: date, words: dict[str, Promise]) -> str:
    say = Wording.for_reader(currency)
    stay, reach = seen.stay, seen.reach
    if stay and seen.is_at_risk and (reach is None or _is_soon(seen, now)):
        return _told(words["stay"], seen, stay, say)
    if reach is not None:
        return _told(words["reach_by" if reach.by else "reach"], seen, reach, say)
    if seen.tier is None:
        return ""
    day = say.day(seen.until) if seen.until else ""
    return str(words["until" if day else "for_good"]) % {"tier": seen.tier.name, "day": day}


def _told(sentence: Promise, seen: Projection, goal: Goal, say: Wording) -> str:
    return str(sentence) % {
        "missing": amount_words(seen.basis, goal.missing, say),
        "day": say.day(goal.by) if goal.by else "",
        "tier": goal.tier.name,
    }


def _is_soon(seen: Projection, now: date) -> bool:
    return seen.is_in_grace or (seen.until is not None and seen.until - now <= SOON)
