from datetime import date

import pytest

from members.birthdays import Birthday, parse_birthday, refuse_impossible_birthday
from members.errors import BirthdayInvalid

TODAY = date(2026, 3, 14)


@pytest.mark.proves("input 111")
@pytest.mark.parametrize(
    ("why", "typed", "birthday"),
    [
        ("with a year", "1990-05-17", Birthday(5, 17, 1990)),
        ("without", "--05-17", Birthday(5, 17)),
        ("without, shorter", "5-17", Birthday(5, 17)),
        ("leap day of a leap year", "1992-02-29", Birthday(2, 29, 1992)),
        ("leap day without a year", "--02-29", Birthday(2, 29)),
        ("a default of old systems", "1900-01-01", Birthday(1, 1, 1900)),
        ("today", "2026-03-14", Birthday(3, 14, 2026)),
        ("149 years", "1877-01-01", Birthday(1, 1, 1877)),
        ("Persian digits", "۱۹۹۰-۰۵-۱۷", Birthday(5, 17, 1990)),
    ],
)
def test_possible_birthdays_are_accepted(why, typed, birthday):
    parsed = parse_birthday(typed)
    refuse_impossible_birthday(parsed, today=TODAY)

    assert parsed == birthday


@pytest.mark.proves("input 111")
@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("tomorrow", "2026-03-15"),
        ("150 years", "1876-12-31"),
        ("leap day of another year", "2023-02-29"),
        ("no such day", "--02-30"),
        ("no such month", "--13-01"),
        ("year nought", "0000-01-01"),
        ("words", "yesterday"),
        ("nothing", ""),
        ("superscripts", "1990-05-1²"),
        ("a time", "1990-05-17T00:00:00Z"),
    ],
)
def test_impossible_birthdays_are_refused(why, typed):
    with pytest.raises(BirthdayInvalid):
        refuse_impossible_birthday(parse_birthday(typed), today=TODAY)


@pytest.mark.parametrize("text", ["1990-05-17", "--05-07"])
def test_a_birthday_is_written_as_it_is_read(text):
    assert str(parse_birthday(text)) == text
