"""The members of the demo: invented from a seed, the same ones every time."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from insights.demo.dice import dice
from insights.demo.names import COMMUNITIES, Community

# 555-0100 to 555-0199 are kept for fiction in every area code: nobody will ever have one.
AREA_CODES = (513, 937, 614, 740, 330, 216, 419, 440)
PER_AREA = 100
PEOPLE_MAX = PER_AREA * len(AREA_CODES)
DAYS = 365
WITH_EMAIL, WITH_BIRTHDAY, WITH_YEAR, WANTS_NEWS = 0.6, 0.55, 0.6, 0.55
JOINED_AT_ONCE = 0.6
CARD_FORGOTTEN = 0.16
DRY_LETTERS = str.maketrans({"ł": "l", "đ": "d", "’": None, " ": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A household as a member; before ``joins_on`` (a day of the year, from 0) it is a guest."""

    household: int
    name: str
    phone: str
    email: str | None
    birthday: str | None
    language: str
    wants_news: bool
    joins_on: int


def invent(households: Sequence[int], *, seed: int, ages: Mapping[int, str]) -> list[Person]:
    """Return somebody for each household; ``ages`` are bands such as ``45-54`` or ``65+``."""
    numbers = dice(seed).sample(range(PEOPLE_MAX), len(households))
    return [
        _person(household, number, dice(seed, household), ages.get(household))
        for household, number in zip(households, numbers, strict=True)
    ]


def forgot_card(basket: int, *, seed: int) -> bool:
    """Say whether the member of this receipt bought without being known."""
    return dice(seed, basket).random() < CARD_FORGOTTEN


def _person(household: int, number: int, chance: Random, age: str | None) -> Person:
    [community] = chance.choices(COMMUNITIES, [each.share for each in COMMUNITIES])
    given, family = chance.choice(community.given), chance.choice(community.family)
    return Person(
        household=household,
        name=f"{family} {given}" if community.family_first else f"{given} {family}",
        phone=_phone(number),
        email=_email(community, f"{given}.{family}", number, chance),
        birthday=_birthday(age, chance) if chance.random() < WITH_BIRTHDAY else None,
        language=community.language,
        wants_news=chance.random() < WANTS_NEWS,
        joins_on=0 if chance.random() < JOINED_AT_ONCE else chance.randrange(DAYS),
    )


def _phone(number: int) -> str:
    area, last = divmod(number, PER_AREA)
    return f"+1{AREA_CODES[area]}55501{last:02}"


def _email(community: Community, name: str, number: int, chance: Random) -> str | None:
    """Write the name in plain letters, where it has any."""
    wants = chance.random() < WITH_EMAIL
    spread = unicodedata.normalize("NFKD", name.lower().translate(DRY_LETTERS))
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    if not (wants and plain.isascii() and community.given):
        return None
    return f"{plain}{number}@example.com"


def _birthday(age: str | None, chance: Random) -> str:
    day = date.fromordinal(date(2001, 1, 1).toordinal() + chance.randrange(DAYS))
    if age is None or chance.random() > WITH_YEAR:
        return f"--{day:%m-%d}"
    youngest = int(age[:2])
    return f"{2025 - youngest - chance.randrange(1, 10)}-{day:%m-%d}"
