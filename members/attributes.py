"""What an organization keeps about its members: short names that it defined, with plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import about
from core.text import caseless, clean_line
from members.errors import AttributesInvalid, AttributeUnknown, AttributeValueInvalid

COUNT_MAX = 50
TEXT_LENGTH_MAX = 500
NUMBER_MAX = 10**15
NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Attribute = str | int | float | bool


class Kind(StrEnum):
    """What sort of values an attribute has."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Defined:
    """What the organization said of an attribute, as far as values depend on it."""

    kind: Kind
    choices: tuple[str, ...] = ()


def merge_attributes(
    stored: Mapping[str, Attribute], sent: Mapping[str, object], defined: Mapping[str, Defined]
) -> dict[str, Attribute]:
    """Return the stored attributes with those sent laid over them; ``None`` takes one away.

    Only defined ones can be set; one that is stored from before can still be taken away.
    """
    new = {
        name: _clean_value(name, value, defined)
        for name, value in sent.items()
        if value is not None
    }
    for name in sent.keys() - new.keys():
        if name not in stored and name not in defined:
            raise _unknown(name)
    kept = {name: value for name, value in stored.items() if name not in sent}
    if len(kept) + len(new) > COUNT_MAX:
        raise AttributesInvalid(limit=COUNT_MAX)
    return kept | new


def _unknown(name: object) -> AttributeUnknown:
    shown = name if isinstance(name, str) and NAME.fullmatch(name) else ""
    return AttributeUnknown(field=f"attributes.{shown}" if shown else "attributes")


def _clean_value(name: str, value: object, defined: Mapping[str, Defined]) -> Attribute:
    one = defined.get(name)
    if one is None:
        raise _unknown(name)
    with about(f"attributes.{name}"):
        return _CLEANERS[one.kind](value, one)


def _text(value: object, _one: Defined) -> str:
    if not isinstance(value, str):
        raise AttributeValueInvalid
    return clean_line(value, max_length=TEXT_LENGTH_MAX)


def _number(value: object, _one: Defined) -> int | float:
    # The bound also keeps out infinity and NaN, which JSON in PostgreSQL cannot hold.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise AttributeValueInvalid
    if not abs(value) < NUMBER_MAX:
        raise AttributeValueInvalid
    return value


def _yes_no(value: object, _one: Defined) -> bool:
    if not isinstance(value, bool):
        raise AttributeValueInvalid
    return value


def _date(value: object, _one: Defined) -> str:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise AttributeValueInvalid
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise AttributeValueInvalid from None


def _choice(value: object, one: Defined) -> str:
    listed = {caseless(choice): choice for choice in one.choices}
    text = _text(value, one)
    if caseless(text) not in listed:
        raise AttributeValueInvalid
    return listed[caseless(text)]


_CLEANERS: dict[Kind, Callable[[object, Defined], Attribute]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
}
