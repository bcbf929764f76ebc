"""Lets nobody fail more often than so many times in a window: who did waits, also when right.

Only failures are counted, in a transaction of their own that is committed before anything is
answered; without the database there is no count and no answer either. This is for secrets that
nobody can guess with a few tries at once; short ones are counted before they are compared
(``core.services.tries``).

What costs much to answer has a window too, in which every use counts; and what may be done only so
often, though nothing is wrong with it, is counted with its own effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from core.errors import TooMany, TriedTooOften
from core.models import FailureCount

COUNT = """
    INSERT INTO core_failurecount AS had (subject, failures, ends_at) VALUES (%s, 1, %s)
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN had.ends_at <= %s THEN 1 ELSE had.failures + 1 END,
        ends_at = CASE WHEN had.ends_at <= %s THEN excluded.ends_at ELSE had.ends_at END
    RETURNING failures
"""


@dataclass(frozen=True, slots=True)
class Window:
    """So many failures of one subject in so much time, from the first of them on."""

    subject: str
    failures_max: int
    length: timedelta


def refuse_full(windows: Sequence[Window]) -> None:
    """Refuse who has failed too often; raise ``TriedTooOften`` with the seconds to wait."""
    now = timezone.now()
    most = {one.subject: one.failures_max for one in windows}
    running = FailureCount.objects.filter(subject__in=most, ends_at__gt=now)
    full = [one.ends_at for one in running if one.failures >= most[one.subject]]
    if full:
        wait = (max(full) - now).total_seconds()
        raise TriedTooOften(retry_after=max(1, round(wait)))


def count_failure(windows: Iterable[Window]) -> None:
    """Count a failure in each window; raise ``TriedTooOften`` when it is one too many for any.

    A hundred tries at once that none of the others was counted for are found here.
    """
    if any(_counted(one) > one.failures_max for one in windows):
        raise TriedTooOften(retry_after=1)


def count_use(window: Window) -> None:
    """Count what is costly, right or wrong; raise ``TooMany`` for one too many in its window."""
    try:
        refuse_full([window])
        count_failure([window])
    except TriedTooOften as often:
        raise TooMany(**often.data) from None


@transaction.atomic
def count_done(windows: Sequence[Window]) -> None:
    """Count what is about to be done, in its own transaction: what fails counts nothing.

    Raises ``TriedTooOften`` with the seconds to wait when it is one too many for any window.
    """
    for one in windows:
        if _count(one) > one.failures_max:
            refuse_full(windows)


def forget_old_failures() -> int:
    """Delete counts of windows that are over; return how many."""
    return FailureCount.objects.filter(ends_at__lte=timezone.now()).delete()[0]


@transaction.atomic(durable=True)
def _counted(window: Window) -> int:
    return _count(window)


def _count(window: Window) -> int:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [window.subject, now + window.length, now, now])
        counted: int = cursor.fetchone()[0]
    return counted
