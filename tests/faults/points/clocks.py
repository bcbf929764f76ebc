"""Clocks of application hosts that are wrong."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

HOUR = timedelta(hours=1)


def clock_ahead() -> None:
    """Let it be an hour later here than everywhere else."""
    _shift(HOUR)


def clock_behind() -> None:
    """Let it be an hour earlier here than everywhere else."""
    _shift(-HOUR)


def _shift(by: timedelta) -> None:
    original = timezone.now
    timezone.now = lambda: original() + by
