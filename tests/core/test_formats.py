"""Numbers, money and dates in the language of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from core.templatetags.formats import day, last_day, money, number, signed, when

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "1,240"), ("fa", "۱٬۲۴۰"), ("fi", "1\u00a0240"), ("xx", "1,240")],
)
def test_a_number_has_the_separators_and_digits_of_the_language(language, written):
    with translation.override(language):
        assert number(1240) == written


@pytest.mark.parametrize(
    ("points", "english", "persian"),
    [
        (24, "+24", "+۲۴"),
        (-24, "\u221224", "\u2212۲۴"),
        (0, "0", "۰"),
        (1500, "+1,500", "+۱٬۵۰۰"),
    ],
)
def test_a_change_shows_its_sign(points, english, persian):
    with translation.override("en"):
        assert signed(points) == english
    with translation.override("fa"):
        assert signed(points) == persian


def test_money_has_the_decimals_of_its_currency():
    with translation.override("en"):
        assert money(Decimal("12.4"), "GBP") == "£12.40"
        assert money(Decimal(1250), "JPY") == "¥1,250"
        assert money(Decimal(-4), "GBP") == "\u2212£4.00"


def test_money_in_persian_has_persian_digits():
    with translation.override("fa"):
        assert money(Decimal("12.4"), "GBP") == "\u200e£ ۱۲٫۴۰".replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("why", "moment", "written"),
    [
        ("today: the clock", datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "11:05\u202fAM"),
        ("yesterday", datetime(2026, 11, 21, 9, 5, tzinfo=UTC), "yesterday 11:05\u202fAM"),
        (
            "this week: the day and the clock",
            datetime(2026, 11, 17, 9, 5, tzinfo=UTC),
            "Tue 11:05\u202fAM",
        ),
        ("before: the date", datetime(2026, 11, 15, 9, 5, tzinfo=UTC), "Nov 15"),
        ("another year", datetime(2025, 12, 31, 21, 59, tzinfo=UTC), "Dec 31, 2025"),
        ("the zone's own midnight", datetime(2025, 12, 31, 22, 0, tzinfo=UTC), "Jan 1"),
        ("to come", datetime(2026, 12, 3, 9, 5, tzinfo=UTC), "Dec 3"),
    ],
)
def test_a_moment_is_told_as_people_tell_it_in_the_zone_of_the_store(why, moment, written):
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("Europe/Helsinki")):
        assert when(moment) == written


def test_a_day_may_be_a_date():
    with time_machine.travel(NOW, tick=False):
        assert (day(date(2026, 12, 3)), day(date(2027, 1, 3))) == ("Dec 3", "Jan 3, 2027")


def test_the_last_day_is_the_one_before_the_instant_at_which_something_is_over():
    end = datetime(2027, 7, 7, tzinfo=ZoneInfo("Europe/London"))

    with timezone.override(ZoneInfo("Europe/London")):
        assert last_day(end) == "Jul 6, 2027"
        assert day(end) == "Jul 7, 2027"
