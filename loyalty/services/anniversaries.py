"""Birthdays and anniversaries of joining, each recorded on the day it falls on.

Who was born or joined on 29 February has their day on the 28th in other years. After an outage
every day that was missed counts as itself. Nothing is recorded while nothing would come of it.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from core.actors import SYSTEM
from core.bulk import array
from core.days import start_of_day
from core.models import Organization
from loyalty.activity_drafts import OWN, ActivityDraft
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.services.activities import record_activities
from loyalty.services.rulebook import CHALLENGES, ProgramRules, open_programs
from members.birthdays import Birthday

CHUNK = 500
DAYS_MAX = 366

# 29 February is asked for beside the 28th in plain years.
FALLING_ON = """
    SELECT id, public_id, joined_at, {month}, {day} FROM members_member
    WHERE organization_id = %(organization)s AND status = 'active' AND id > %(after)s
        AND joined_at < %(due)s AND {month} * 100 + {day} = ANY(%(days)s::int[])
    ORDER BY id LIMIT %(chunk)s
"""
QUESTIONS = {
    ActivityKind.BIRTHDAY: FALLING_ON.format(month="birth_month", day="birth_day"),
    ActivityKind.JOIN_ANNIVERSARY: FALLING_ON.format(
        month="EXTRACT(MONTH FROM joined_at AT TIME ZONE %(zone)s)::int",
        day="EXTRACT(DAY FROM joined_at AT TIME ZONE %(zone)s)::int",
    ),
}


@dataclass(frozen=True, slots=True)
class _Falling:
    """A member with a day that comes back every year."""

    member_id: int
    public_id: UUID
    joined_at: datetime
    day: Birthday


@transaction.atomic
def anniversary_chunk(
    *,
    organization_id: int,
    kind: ActivityKind,
    day: date,
    since: datetime,
    after: int = 0,
    chunk: int = CHUNK,
) -> int | None:
    """Record the days of the next members, up to ``day``; return the last, or nothing at the end.

    Who joins on their birthday has the next one a year later.
    """
    zone = Organization.objects.get(pk=organization_id).zone
    days = _days_since(since, day, zone)
    if not _matters(open_programs(organization_id), kind, days, zone):
        return None
    members = _falling_on(organization_id, kind, days, zone, after, chunk)
    drafts = [draft for one in members for draft in _drafts(one, kind, days, zone)]
    record_activities(
        organization_id=organization_id,
        drafts=sorted(drafts, key=lambda draft: draft.occurred_at),
        actor=SYSTEM,
    )
    return members[-1].member_id if members else None


def _days_since(since: datetime, last: date, zone: ZoneInfo) -> list[date]:
    """Return the days that began after that instant, up to the last one."""
    days = [last - timedelta(days=ago) for ago in range(DAYS_MAX)]
    return [day for day in reversed(days) if start_of_day(day, zone) > since]


def _matters(
    programs: Iterable[ProgramRules], kind: ActivityKind, days: Iterable[date], zone: ZoneInfo
) -> bool:
    moments = [start_of_day(day, zone) for day in days]
    return any(
        rules.parts[CHALLENGES] or any(rules.for_activity(kind.value, "", at) for at in moments)
        for rules in programs
    )


def _falling_on(
    organization_id: int,
    kind: ActivityKind,
    days: Sequence[date],
    zone: ZoneInfo,
    after: int,
    chunk: int,
) -> list[_Falling]:
    asked: dict[str, Any] = {
        "organization": organization_id,
        "zone": zone.key,
        "days": array(sorted({number for day in days for number in _numbers(day)})),
        "due": start_of_day(days[-1], zone) if days else None,
        "after": after,
        "chunk": chunk,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUESTIONS[kind], asked)
        return [
            _Falling(pk, public_id, joined_at, Birthday(month, day))
            for pk, public_id, joined_at, month, day in cursor.fetchall()
        ]


def _numbers(day: date) -> Iterator[int]:
    yield day.month * 100 + day.day
    if (day.month, day.day) == (2, 28) and not isleap(day.year):
        yield 229


def _drafts(
    one: _Falling, kind: ActivityKind, days: Iterable[date], zone: ZoneInfo
) -> Iterator[ActivityDraft]:
    for day in days:
        at = start_of_day(day, zone)
        if one.day.in_year(day.year) == day and one.joined_at < at:
            name = f"{kind.value}:{one.public_id}:{day.year}"
            yield ActivityDraft(
                member_id=one.member_id,
                kind=kind,
                source=OWN,
                external_id=name,
                occurred_at=at,
                request_key=name,
            )
