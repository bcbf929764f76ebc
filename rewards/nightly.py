"""What rewards do in every organization's night."""

from __future__ import annotations

from core.nightly import Tonight, Work
from core.services.pictures import forget_unused_pictures


def _pictures(tonight: Tonight, after: int) -> int | None:
    return forget_unused_pictures(organization_id=tonight.organization_id, after=after)


NIGHTLY = (Work(name="rewards.pictures", stage="expire", chunk=_pictures),)
