"""What loyalty does in every organization's night."""

from __future__ import annotations

from core.nightly import Tonight, Work
from loyalty.services.activations import activate_chunk
from loyalty.services.auditing import audit_organization
from loyalty.services.due import expire_chunk


def _activate(tonight: Tonight, after: int) -> int | None:
    return activate_chunk(
        organization_id=tonight.organization_id,
        day=tonight.day,
        since=tonight.since,
        due=tonight.due,
        after=after,
    )


def _expire(tonight: Tonight, after: int) -> int | None:
    return expire_chunk(organization_id=tonight.organization_id, now=tonight.due, after=after)


def _audit(tonight: Tonight, _after: int) -> None:
    # Everything once a week: what was touched cannot show what was changed by hand elsewhere.
    since = None if tonight.opens_week else tonight.since
    audit_organization(organization_id=tonight.organization_id, since=since)


NIGHTLY = (
    Work(name="loyalty.activate", stage="activate", chunk=_activate),
    Work(name="loyalty.expire", stage="expire", chunk=_expire),
    Work(name="loyalty.audit", stage="audit", chunk=_audit),
)
