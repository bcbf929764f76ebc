"""When what was granted was earned, however late it came in, and when it can be used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models.functions import Coalesce

from loyalty.earning.opening import AT_ONCE, Opens
from loyalty.models import Award, ChallengeCompletion, Grant, StampSheet, TierChange
from loyalty.services.challenge_runs import COMPLETED
from loyalty.services.granting import AWARD
from loyalty.services.stamp_gifts import FULL
from loyalty.services.tier_entries import TIER

Moments = dict[int, datetime]


def earned_at(grants: Iterable[Grant]) -> Moments:
    """Return by grant when it was earned: at its purchase or activity, or with its last stamp."""
    found = list(grants)
    known = {
        cause: ask({one.cause_id for one in found if one.cause == cause})
        for cause, ask in _ASKED.items()
        if any(one.cause == cause for one in found)
    }
    return {one.pk: _moment(one, known.get(one.cause, {})) for one in found}


def openings_of(grants: Sequence[Grant]) -> dict[int, Opens]:
    """Return by grant what the rule says of when it can be used; what no rule gave says nothing."""
    awards = Award.objects.filter(pk__in={one.cause_id for one in grants if one.cause == AWARD})
    effects = dict(awards.values_list("pk", "rule_version__spec__effect"))
    return {
        one.pk: Opens.told_by(effects.get(one.cause_id) or {}) if one.cause == AWARD else AT_ONCE
        for one in grants
    }


def _moment(grant: Grant, known: Mapping[int, datetime]) -> datetime:
    """Return when a grant was earned, which is never after it was given."""
    return min(known.get(grant.cause_id) or grant.given_at, grant.given_at)


def _awarded(ids: Collection[int]) -> Moments:
    at = Coalesce("purchase__occurred_at", "activity__occurred_at")
    return dict(Award.objects.filter(pk__in=ids).annotate(at=at).values_list("pk", "at"))


def _completed(ids: Collection[int]) -> Moments:
    done = ChallengeCompletion.objects.filter(pk__in=ids)
    return dict(done.values_list("pk", "completed_at"))


def _filled(ids: Collection[int]) -> Moments:
    full = StampSheet.objects.filter(pk__in=ids).values_list("pk", "completed_at")
    return {pk: at for pk, at in full if at is not None}


def _reached(ids: Collection[int]) -> Moments:
    return dict(TierChange.objects.filter(pk__in=ids).values_list("pk", "at"))


_ASKED: Mapping[str, Callable[[Collection[int]], Moments]] = {
    AWARD: _awarded,
    COMPLETED: _completed,
    FULL: _filled,
    TIER: _reached,
}
