"""Slows down whoever guesses: tries are counted before anything is compared.

The count is committed first, so that a hundred guesses at once cannot share one. After five
wrong tries in a row each next one waits longer, up to a quarter of an hour; nobody is locked out.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from core.errors import TriedTooOften
from core.models import WrongTries

TRIES_MAX = 5
FIRST_DELAY_SECONDS = 60
DELAY_SECONDS_MAX = 900
FORGOTTEN_AFTER_SECONDS = 3600

COUNT = """
    INSERT INTO core_wrongtries AS had (subject, tries, last_try_at) VALUES (%s, 1, %s)
    ON CONFLICT (subject) DO UPDATE SET
        tries = CASE
            WHEN had.last_try_at < excluded.last_try_at - make_interval(secs => %s) THEN 1
            ELSE had.tries + 1
        END,
        last_try_at = excluded.last_try_at
    WHERE had.blocked_until IS NULL OR had.blocked_until <= excluded.last_try_at
    RETURNING tries
"""
BLOCK = """
    UPDATE core_wrongtries SET blocked_until = last_try_at + make_interval(secs => %s)
    WHERE subject = %s
"""


@transaction.atomic(durable=True)
def count_try(*, subject: str) -> None:
    """Count one more try, or refuse it because the last ones were too many."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [subject, now, FORGOTTEN_AFTER_SECONDS])
        counted = cursor.fetchone()
        if counted is None:
            until = WrongTries.objects.get(subject=subject).blocked_until or now
            raise TriedTooOften(retry_after=max(1, round((until - now).total_seconds())))
        if counted[0] >= TRIES_MAX:
            cursor.execute(BLOCK, [_delay_seconds(counted[0]), subject])


def refuse_slowed(*, subject: str) -> bool:
    """Refuse who has to wait, and say of anybody else whether there are tries to forget.

    For secrets that are too long to be guessed at once: then only wrong tries need be counted.
    """
    had = WrongTries.objects.filter(subject=subject).first()
    if had is None:
        return False
    now = timezone.now()
    if had.blocked_until is not None and had.blocked_until > now:
        raise TriedTooOften(retry_after=max(1, round((had.blocked_until - now).total_seconds())))
    return True


def forget_tries(*, subjects: Iterable[str]) -> None:
    """Start counting anew for those who got it right."""
    WrongTries.objects.filter(subject__in=list(subjects)).delete()


def _delay_seconds(tries: int) -> int:
    doublings = min(tries - TRIES_MAX, 10)
    return min(FIRST_DELAY_SECONDS << doublings, DELAY_SECONDS_MAX)
