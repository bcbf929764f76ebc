"""Words for money, numbers, lists and days in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Self, TypeAlias

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.numerals import written
from loyalty.earning.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.utils.functional import Promise


Names: TypeAlias = "Mapping[tuple[str, str], str]"


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)

_EVERY: dict[str, Promise] = {
    Weekday.MONDAY: gettext_lazy("Mondays"),
    Weekday.TUESDAY: gettext_lazy("Tuesdays"),
    Weekday.WEDNESDAY: gettext_lazy("Wednesdays"),
    Weekday.THURSDAY: gettext_lazy("Thursdays"),
    Weekday.FRIDAY: gettext_lazy("Fridays"),
    Weekday.SATURDAY: gettext_lazy("Saturdays"),
    Weekday.SUNDAY: gettext_lazy("Sundays"),
}

WEEKDAY_NAMES: dict[str, Promise] = {
    Weekday.MONDAY: gettext_lazy("Monday"),
    Weekday.TUESDAY: gettext_lazy("Tuesday"),
    Weekday.WEDNESDAY: gettext_lazy("Wednesday"),
    Weekday.THURSDAY: gettext_lazy("Thursday"),
    Weekday.FRIDAY: gettext_lazy("Friday"),
    Weekday.SATURDAY: gettext_lazy("Saturday"),
    Weekday.SUNDAY: gettext_lazy("Sunday"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """How amounts in one currency, numbers and lists are written for one reader.

    ``names`` are those of cards, challenges and rewards, by what they count and their code.
    """

    currency: str
    locale: Locale
    names: Names | None = None

    @classmethod
    def for_reader(cls, currency: str, names: Names | None = None) -> Self:
        """Write for the active language; Babel lacks few, and English stands in for those."""
        return cls(currency, _locale(get_language() or "en"), names)

    def money(self, amount: Decimal | str) -> str:
        """Write an amount as on a receipt: £12.40."""
        return _money(self.locale, self.currency, str(amount))

    def price(self, amount: Decimal | str) -> str:
        """Write an amount as in a sentence: £1, and £1.50 only when there are pence."""
        exact = Decimal(amount)
        if exact != exact.to_integral_value():
            return self.money(amount)
        return _whole_money(self.locale, self.currency, str(amount))

    def number(self, value: Decimal | int | str) -> str:
        """Write a number with the reader's separators."""
        return _number(self.locale, str(value))

    def points(self, count: int) -> str:
        """Write "1 point" or "2 points"."""
        return self.counted(Unit.POINTS, count)

    def counted(self, unit: str, count: int) -> str:
        """Write "1 point" or "2 stamps"."""
        return str(_counted(unit, count)) % {"count": self.number(count)}

    def short(self, unit: str, count: int) -> str:
        """Write "200" of points, of which most is said, and "2 stamps" of everything else."""
        return self.number(count) if unit == Unit.POINTS else self.counted(unit, count)

    def named(self, unit: str, code: str) -> str:
        """Return what members call a card, a challenge or a reward; its code where unknown."""
        return (self.names or {}).get((unit, code), code)

    def either(self, names: Iterable[str]) -> str:
        """Write "coffee, tea or cake"."""
        return format_list(list(names), style="or", locale=self.locale)

    def every(self, names: Iterable[str]) -> str:
        """Write "coffee, tea and cake"."""
        return format_list(list(names), style="standard", locale=self.locale)

    def day(self, value: date) -> str:
        """Write a date: 6 Jul 2026."""
        return written(self.locale, format_date(value, "medium", locale=self.locale))

    def clock(self, value: time) -> str:
        """Write a time of day: 7:00."""
        return written(self.locale, f"{value.hour}:{value.minute:02}")

    def end(self, value: datetime) -> str:
        """Write when something ends: "the end of 6 Jul 2026", or "6 Jul 2026, 18:00"."""
        if value.time() == time.min:
            last = self.day(value.date() - timedelta(days=1))
            return _("the end of %(day)s") % {"day": last}
        values = {"day": self.day(value.date()), "time": self.clock(value.time())}
        return _("%(day)s, %(time)s") % values

    def weekday(self, name: str) -> str:
        """Write a day of the week: Tuesday."""
        names = get_day_names("wide", context="stand-alone", locale=self.locale)
        return str(names[WEEK.index(Weekday(name))])

    def weekdays(self, days: Sequence[str]) -> str:
        """Write "Mondays and Fridays", and "Mondays to Thursdays" for three or more in a row."""
        first, last = (WEEK.index(Weekday(name)) for name in (days[0], days[-1]))
        if last - first == len(days) - 1 and len(days) > 2:
            return _("%(first)s to %(last)s") % {
                "first": _EVERY[days[0]],
                "last": _EVERY[days[-1]],
            }
        return self.every(str(_EVERY[name]) for name in days)


def _counted(unit: str, count: int) -> str:
    return {
        Unit.POINTS: ngettext("%(count)s point", "%(count)s points", count),
        Unit.STAMPS: ngettext("%(count)s stamp", "%(count)s stamps", count),
        Unit.STEPS: ngettext("%(count)s step", "%(count)s steps", count),
        Unit.CREDITS: ngettext("%(count)s tier credit", "%(count)s tier credits", count),
        Unit.VOUCHERS: ngettext("%(count)s voucher", "%(count)s vouchers", count),
        Unit.TICKETS: ngettext("%(count)s draw ticket", "%(count)s draw tickets", count),
    }[Unit(unit)]


# A shop's prices and points come again and again, and each takes longer to write than to count.
@lru_cache(maxsize=8192)
def _money(locale: Locale, currency: str, amount: str) -> str:
    text = format_currency(Decimal(amount), currency, locale=locale, numbering_system="default")
    return written(locale, text)


@lru_cache(maxsize=8192)
def _whole_money(locale: Locale, currency: str, amount: str) -> str:
    text = format_currency(
        Decimal(amount),
        currency,
        re.sub(r"\.0+", "", locale.currency_formats["standard"].pattern),
        locale=locale,
        currency_digits=False,
        numbering_system="default",
    )
    return written(locale, text)


@lru_cache(maxsize=8192)
def _number(locale: Locale, value: str) -> str:
    text = format_decimal(
        Decimal(value), locale=locale, decimal_quantization=False, numbering_system="default"
    )
    return written(locale, text)


@lru_cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def chained(parts: Iterable[str]) -> str:
    """Chain the parts of one sentence."""
    sentence, *rest = parts
    for part in rest:
        sentence = _("%(sentence)s, %(part)s") % {"sentence": sentence, "part": part}
    return sentence
