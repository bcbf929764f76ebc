"""Numbers, money and dates as people of the page's language write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from core.numerals import written

register = template.Library()


@register.filter
def number(value: int | Decimal) -> str:
    """Write a number with the language's separators and digits."""
    locale = _locale()
    return written(locale, format_decimal(value, locale=locale, numbering_system="default"))


@register.filter
def exact(value: Decimal, decimals: int) -> str:
    """Write a number with exactly so many decimals and no groups, as it stands in a field."""
    locale = _locale()
    pattern = f"0.{'0' * decimals}" if decimals else "0"
    text = format_decimal(value, pattern, locale=locale, numbering_system="default")
    return written(locale, text)


@register.filter
def signed(value: int) -> str:
    """Write a change with its sign, also when it is a gain; nothing has no sign."""
    return f"+{number(value)}" if value > 0 else number(value)


@register.filter
def percent(share: int) -> str:
    """Write a share of a hundred with the language's sign for it."""
    locale = _locale()
    text = format_percent(Decimal(share) / 100, locale=locale, numbering_system="default")
    return written(locale, text)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Write an amount in its currency."""
    locale = _locale()
    text = format_currency(amount, currency, locale=locale, numbering_system="default")
    return written(locale, text)


@register.filter
def day(moment: date) -> str:
    """Write a day, and its year when it is not this one."""
    today = timezone.localdate()
    at = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    skeleton = "MMMd" if at.year == today.year else "yMMMd"
    return in_words(at, skeleton)


def in_words(at: date, skeleton: str) -> str:
    """Write those parts of a day that the skeleton names, such as ``MMMMd``."""
    locale = _locale()
    return written(locale, format_skeleton(skeleton, at, locale=locale))


@register.filter
def last_day(end: datetime) -> str:
    """Write the last day of something that is over at an instant: until 6 July, not on 7 July."""
    return day(end - timedelta(microseconds=1))


@register.filter
def day_of_year(at: date) -> str:
    """Write a day that comes back every year, such as a birthday, without its year."""
    locale = _locale()
    return written(locale, format_skeleton("MMMMd", at, locale=locale))


@register.filter
def when(moment: datetime) -> str:
    """Write a past moment as people say it: by the clock within a week, by the calendar beyond."""
    at = timezone.localtime(moment)
    locale = _locale()
    clock = written(locale, format_time(at, "short", locale=locale))
    days_ago = timezone.localdate() - at.date()
    if days_ago == timedelta(0):
        return clock
    if days_ago == timedelta(days=1):
        return _("yesterday %(time)s") % {"time": clock}
    if timedelta(0) < days_ago < timedelta(days=7):
        return f"{format_date(at, 'EEE', locale=locale)} {clock}"
    return day(moment)


@register.filter
def moment(at: datetime) -> str:
    """Write a moment, past or to come, by its day and the clock."""
    local = timezone.localtime(at)
    locale = _locale()
    clock = written(locale, format_time(local, "short", locale=locale))
    return _("%(day)s, %(time)s") % {"day": day(local), "time": clock}


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
