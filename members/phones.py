"""Phone numbers in one spelling, E.164, whatever notation or script they were typed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from core.errors import about
from core.text import ascii_digits, refuse_controls, without_spaces
from members.errors import (
    PhoneCannotReceiveCodes,
    PhoneHasExtension,
    PhoneHasLetters,
    PhoneInvalid,
    PhoneNeedsCountry,
)

_RAW_LENGTH_MAX = 100
_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("\uff0b\ufe62\u207a", "+"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\u30fc", "-"),
        **dict.fromkeys("\uff08\ufe59", "("),
        **dict.fromkeys("\uff09\ufe5a", ")"),
        **dict.fromkeys("\uff0e\u00b7\u2027\u30fb", "."),
        "\uff0f": "/",
    }
)
_EXTENSION = re.compile(r"(?:;?ext(?:n|ension)?[.:=]?|[x#~,;]|доб\.?|داخلی)\d{1,9}#?$")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NOTATION = re.compile(r"[0-9+().\-/]+")
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


@about("phone")
def e164(raw: str, *, region: str | None) -> str:
    """Return the number as ``+447400123456``; national notation is read in ``region``."""
    compact = _compact(raw)
    for candidate in _readings(compact):
        number = _valid(candidate, region)
        if number is not None:
            return number
    if _is_national(compact) and not is_region(region):
        raise PhoneNeedsCountry
    raise PhoneInvalid


def is_e164(text: str) -> bool:
    """Say whether a text has the form in which numbers are kept; there may be no such number."""
    return _E164.fullmatch(text) is not None


def e164_for_codes(raw: str, *, region: str | None) -> str:
    """Return the number in E.164 if one-time codes may be sent to it."""
    phone = e164(raw, region=region)
    if not sms_capable(phone):
        raise PhoneCannotReceiveCodes
    return phone


def is_region(region: str | None) -> bool:
    """Say whether national numbers can be read in this country."""
    return region in phonenumbers.SUPPORTED_REGIONS


def sms_capable(phone: str) -> bool:
    """Say whether this E.164 number is a mobile one (or cannot be told from one)."""
    return phonenumbers.number_type(phonenumbers.parse(phone)) in _MOBILE


def last_digits(phone: str, count: int = 4) -> str:
    """Return the digits by which people recognize a number."""
    return phone[-count:]


def mask_phone(phone: str) -> str:
    """Return ``+98912•••6789``: enough to recognize a number, too little to call it."""
    if not phone:
        return ""
    country_code = phonenumbers.parse(phone).country_code
    shown = min(len(f"+{country_code}") + 3, len(phone) - 7)
    return f"{phone[:shown]}•••{last_digits(phone)}"


def international(phone: str) -> str:
    """Return ``+44 7400 123456``, for people to read."""
    return phonenumbers.format_number(phonenumbers.parse(phone), PhoneNumberFormat.INTERNATIONAL)


def typed_digits(raw: str) -> str:
    """Return the digits of a full or partial number, or nothing when it holds anything else."""
    compact = _plain(raw)
    return re.sub(r"\D", "", compact) if _NOTATION.fullmatch(compact) else ""


def _plain(raw: str) -> str:
    """Write digits and punctuation of any script in ASCII, without spaces or a link's scheme."""
    plain = ascii_digits(without_spaces(raw))
    if not plain.isascii():
        plain = plain.translate(_SPELLINGS)
    return plain.casefold().removeprefix("tel:")


def _compact(raw: str) -> str:
    """Strip a number down to ASCII digits and punctuation, refusing what is no notation."""
    if len(raw) > _RAW_LENGTH_MAX:
        raise PhoneInvalid
    refuse_controls(raw.strip())
    compact = _plain(raw)
    if _NOTATION.fullmatch(compact):
        return compact
    if _EXTENSION.search(compact):
        raise PhoneHasExtension
    if any(char.isalpha() for char in compact):
        raise PhoneHasLetters
    raise PhoneInvalid


def _readings(compact: str) -> Iterator[str]:
    """Offer the number as typed, then 00 as +, which holds in most of the world."""
    yield compact
    if compact.startswith("00"):
        yield f"+{compact[2:]}"


@lru_cache(maxsize=64)  # the same number is often read twice in a row, by a field and by a query
def _valid(candidate: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(candidate, region if is_region(region) else None)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _is_national(compact: str) -> bool:
    return not compact.lstrip("(").startswith(("+", "00"))
