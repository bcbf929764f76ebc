"""Carries organizations through their nights: each once, in its order, in chunks of bounded size.

It can be killed at any point and goes on where it stopped, and two may try at once: a chunk and
the step it moves its night forward are one transaction, which fails if somebody else moved it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from core.days import local_day, start_of_day
from core.locking import only_one
from core.metrics import NIGHT_WORK_SKIPPED
from core.models import Night, Organization
from core.nightly import Tonight, Work, works
from core.services.rounds import one_by_one

# Nobody else has to wait longer than this for a large organization.
SLICE_SECONDS = 60.0
A_DAY = timedelta(days=1)

log = structlog.get_logger(__name__)


class _Overtaken(Exception):
    """Somebody else has moved the night forward."""


# Nothing is wrong with the work itself: it is rolled back, and the next round does it again.
TO_BE_TRIED_AGAIN = (OperationalError, InterfaceError, SoftTimeLimitExceeded, _Overtaken)


def run_nights(*, now: datetime | None = None, slice_seconds: float = SLICE_SECONDS) -> int:
    """Carry every organization whose day has begun through its night; return how many chunks.

    What is not done within its slice of time is gone on with by the next round.
    """
    moment = now or timezone.now()
    return one_by_one(
        _awake(moment),
        lambda organization_id: run_night(
            organization_id=organization_id, now=moment, slice_seconds=slice_seconds
        ),
        what="nights",
    )


def run_night(
    *, organization_id: int, now: datetime | None = None, slice_seconds: float = SLICE_SECONDS
) -> int:
    """Carry one organization through its night, unless somebody else is at it."""
    end = time.monotonic() + slice_seconds
    with only_one(f"night:{organization_id}", patience=0) as alone:
        night = _current(organization_id, now or timezone.now()) if alone else None
        return _carry_on(night, end) if night else 0


def at_rest(*, now: datetime) -> list[int]:
    """Return the organizations that are through with the night of the day they have now."""
    awake = set(_awake(now))
    return [one for one in every_organization() if one not in awake]


def every_organization() -> list[int]:
    """Return all organizations, for work that is done for each of them in turn."""
    return list(Organization.objects.order_by("pk").values_list("pk", flat=True))


def _awake(now: datetime) -> list[int]:
    """Return the organizations whose day has begun and whose night is not over."""
    over: dict[int, date] = {}
    recent = Night.objects.filter(day__gte=(now - 3 * A_DAY).date()).order_by("day")
    for organization_id, day, finished_at in recent.values_list(
        "organization_id", "day", "finished_at"
    ):
        over[organization_id] = day if finished_at else date.min
    zones = Organization.objects.order_by("pk").values_list("pk", "time_zone")
    return [pk for pk, zone in zones if over.get(pk, date.min) < local_day(now, ZoneInfo(zone))]


def _current(organization_id: int, now: datetime) -> Night | None:
    """Return the night that is not over, or begin that of the day which is there now.

    Days that were missed, or that never began, have no night of their own.
    """
    last = Night.objects.filter(organization_id=organization_id).order_by("-day").first()
    if last is not None and last.finished_at is None:
        return last
    zone = Organization.objects.get(pk=organization_id).zone
    day = local_day(now, zone)
    if last is not None and day <= last.day:
        return None
    due = start_of_day(day, zone)
    # Where an organization moved to a zone in which days begin earlier, time goes on all the same.
    begun = Night(
        organization_id=organization_id,
        day=day,
        since=last.due if last else due - A_DAY,
        due=max(due, last.due) if last else due,
    )
    Night.objects.bulk_create([begun], ignore_conflicts=True)
    return Night.objects.get(organization_id=organization_id, day=day)


def _carry_on(night: Night, end: float) -> int:
    """Do chunk after chunk until the night or the time is over; one is done in any case."""
    tonight = _tonight(night)
    chunks = 0
    with suppress(_Overtaken):
        while night.finished_at is None and (not chunks or time.monotonic() < end):
            _step(night, tonight, works())
            chunks += 1
    return chunks


def _tonight(night: Night) -> Tonight:
    before = Night.objects.filter(organization_id=night.organization_id, day__lt=night.day)
    last = before.order_by("-day").values_list("day", flat=True).first()
    return Tonight(
        organization_id=night.organization_id,
        day=night.day,
        since=night.since,
        due=night.due,
        opens_week=last is None or last.isocalendar()[:2] != night.day.isocalendar()[:2],
    )


def _step(night: Night, tonight: Tonight, every: Sequence[Work]) -> None:
    """Do one chunk; work that breaks is reported and skipped, because the rest is due as well."""
    names = [work.name for work in every]
    place = names.index(night.work) if night.work in names else 0
    position = night.position if night.work in names else 0
    try:
        with transaction.atomic():
            reached = every[place].chunk(tonight, position)
            change = _moved(names, place, reached)
            _move(night, change)
    except TO_BE_TRIED_AGAIN:
        raise
    except Exception:
        change = {**_moved(names, place, None), "skipped": [*night.skipped, names[place]]}
        _move(night, change)  # who was overtaken stumbled over the other, and nothing is wrong
        log.exception("night_work_skipped", organization=night.organization_id, work=names[place])
        NIGHT_WORK_SKIPPED.labels(names[place]).inc()
    for name, value in change.items():
        setattr(night, name, value)


def _moved(names: Sequence[str], place: int, reached: int | None) -> dict[str, Any]:
    """Return what a night says of itself after a chunk."""
    if reached is not None:
        return {"work": names[place], "position": reached}
    if place + 1 < len(names):
        return {"work": names[place + 1], "position": 0}
    return {"work": "", "position": 0, "finished_at": timezone.now()}


def _move(night: Night, change: dict[str, Any]) -> None:
    here = Night.objects.filter(
        pk=night.pk, work=night.work, position=night.position, finished_at__isnull=True
    )
    if not here.update(**change):
        raise _Overtaken
