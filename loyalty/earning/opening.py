"""When something that was earned or taken can be used: at once, after some days, or on a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS_MAX = 365
YEARS_MAX = 5


class Opens(NamedTuple):
    """After how many days it opens, or on which date; without both it is open at once."""

    after_days: int | None = None
    on: date | None = None

    @classmethod
    def told_by(cls, effect: Mapping[str, Any]) -> Self:
        """Read what a rule that was written down says of what it gives."""
        on = effect.get("on")
        return cls(effect.get("after_days"), date.fromisoformat(on) if on else None)

    @property
    def is_at_once(self) -> bool:
        """Say whether nothing has to be waited for."""
        return self == AT_ONCE

    def day(self, earned: date) -> date:
        """Return the first day on which what was earned on a day can be used."""
        if self.on is not None:
            return max(self.on, earned)
        return earned + timedelta(days=self.after_days or 0)


AT_ONCE = Opens()


def last_settable(today: date) -> date:
    """Return the last date that can be set: the same day some years on, or the one before it."""
    year = today.year + YEARS_MAX
    is_leap_day = (today.month, today.day) == (2, 29)
    return today.replace(year=year, day=28) if is_leap_day else today.replace(year=year)


def is_settable(on: date, today: date) -> bool:
    """Say whether a date is to come, and not too far away."""
    return today < on <= last_settable(today)
