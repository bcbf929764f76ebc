"""What every organization's night consists of; each app has a module of this name with its part.

The order of the stages is a promise: points that come free are there before rewards are given and
tiers are looked at, and points that end are booked after both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from core.assembly import modules_named

STAGES = ("activate", "rewards", "tiers", "expire", "audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tonight:
    """The night of one organization: what fell due after ``since``, until and with ``due``.

    ``due`` is the first instant of the local day. After an outage one night covers all days that
    were missed. ``opens_week`` says that it is the first night of its calendar week.
    """

    organization_id: int
    day: date
    since: datetime
    due: datetime
    opens_week: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one app does in one stage, in chunks.

    ``chunk`` does a bounded part after a position, 0 at first, in a transaction that its caller
    opens. It returns the position it came to, or nothing when there is no more to do. Done again
    from the same position, it must find done what is done.
    """

    name: str
    stage: str
    chunk: Callable[[Tonight, int], int | None]


def works() -> list[Work]:
    """Return the work of all apps in the order of the night."""
    every: list[Work] = []
    for module in modules_named("nightly"):
        every.extend(getattr(module, "NIGHTLY", ()))
    return sorted(every, key=lambda work: STAGES.index(work.stage))
