"""Birthdays: a month and a day, and the year when somebody cares to tell it."""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date

from core.text import ascii_digits, without_invisibles
from members.errors import BirthdayInvalid

AGE_YEARS_MAX = 149
_A_LEAP_YEAR = 2000
_TYPED = re.compile(r"(?:(\d{4})-|--)?(\d{1,2})-(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day that comes back every year; 29 February is one of them."""

    month: int
    day: int
    year: int | None = None

    def in_year(self, year: int) -> date:
        """Return the day in a year; 29 February is the 28th where there is none."""
        if (self.month, self.day) == (2, 29) and not isleap(year):
            return date(year, 2, 28)
        return date(year, self.month, self.day)

    def __str__(self) -> str:
        year = "-" if self.year is None else f"{self.year:04d}"
        return f"{year}-{self.month:02d}-{self.day:02d}"


def parse_birthday(raw: str) -> Birthday:
    """Read ``1990-05-17``, or ``--05-17`` when the year stays private."""
    typed = _TYPED.fullmatch(ascii_digits(without_invisibles(raw)).strip())
    if typed is None:
        raise BirthdayInvalid
    year, month, day = typed.groups()
    return Birthday(int(month), int(day), int(year) if year else None)


def refuse_impossible_birthday(birthday: Birthday, *, today: date) -> None:
    """Refuse days that do not exist, lie ahead, or make somebody 150 years old."""
    born = _first_day(birthday)
    if birthday.year is None:
        return
    if born > today or today.year - birthday.year > AGE_YEARS_MAX:
        raise BirthdayInvalid


def _first_day(birthday: Birthday) -> date:
    try:
        return date(birthday.year or _A_LEAP_YEAR, birthday.month, birthday.day)
    except ValueError:
        raise BirthdayInvalid from None
