"""What loyalty does in every organization's night."""

from __future__ import annotations

from core.nightly import Tonight, Work
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.services.activations import activate_chunk
from loyalty.services.anniversaries import anniversary_chunk
from loyalty.services.auditing import audit_organization
from loyalty.services.due import expire_chunk
from loyalty.services.habits import refresh_chunk, score_chunk
from loyalty.services.stamp_night import lapse_chunk
from loyalty.services.tier_night import look_chunk


def _activate(tonight: Tonight, after: int) -> int | None:
    return activate_chunk(
        organization_id=tonight.organization_id,
        day=tonight.day,
        since=tonight.since,
        due=tonight.due,
        after=after,
    )


def _lapse(tonight: Tonight, after: int) -> int | None:
    return lapse_chunk(organization_id=tonight.organization_id, now=tonight.due, after=after)


def _look(tonight: Tonight, after: int) -> int | None:
    return look_chunk(organization_id=tonight.organization_id, due=tonight.due, after=after)


def _birthdays(tonight: Tonight, after: int) -> int | None:
    return _anniversaries(ActivityKind.BIRTHDAY, tonight, after)


def _join_anniversaries(tonight: Tonight, after: int) -> int | None:
    return _anniversaries(ActivityKind.JOIN_ANNIVERSARY, tonight, after)


def _anniversaries(kind: ActivityKind, tonight: Tonight, after: int) -> int | None:
    return anniversary_chunk(
        organization_id=tonight.organization_id,
        kind=kind,
        day=tonight.day,
        since=tonight.since,
        after=after,
    )


def _expire(tonight: Tonight, after: int) -> int | None:
    return expire_chunk(organization_id=tonight.organization_id, now=tonight.due, after=after)


def _habits(tonight: Tonight, after: int) -> int | None:
    # Everything once a week: what came in unseen is not missed for long.
    since = None if tonight.opens_week else tonight.since
    return refresh_chunk(
        organization_id=tonight.organization_id, day=tonight.day, since=since, after=after
    )


def _scores(tonight: Tonight, after: int) -> int | None:
    return score_chunk(organization_id=tonight.organization_id, day=tonight.day, after=after)


def _audit(tonight: Tonight, _after: int) -> None:
    # Everything once a week: what was touched cannot show what was changed by hand elsewhere.
    since = None if tonight.opens_week else tonight.since
    audit_organization(organization_id=tonight.organization_id, since=since)


NIGHTLY = (
    Work(name="loyalty.activate", stage="activate", chunk=_activate),
    Work(name="loyalty.birthdays", stage="activate", chunk=_birthdays),
    Work(name="loyalty.join_anniversaries", stage="activate", chunk=_join_anniversaries),
    Work(name="loyalty.stamps", stage="expire", chunk=_lapse),
    Work(name="loyalty.tiers", stage="tiers", chunk=_look),
    Work(name="loyalty.expire", stage="expire", chunk=_expire),
    Work(name="loyalty.habits", stage="expire", chunk=_habits),
    Work(name="loyalty.scores", stage="expire", chunk=_scores),
    Work(name="loyalty.audit", stage="audit", chunk=_audit),
)
