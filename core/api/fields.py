"""Fields that accept one spelling of a value, say so in the schema, and refuse the rest.

The framework's own fields are generous: ``"1_000"`` is a number to them, ``"yes"`` a truth and a
time without an offset is taken for UTC. A till must not be understood by guessing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty

from core.currencies import decimals_of
from core.errors import InvalidInput, TextTooLong
from core.text import clean_line

DECIMALS_MAX = 3
LONGEST_SPELLING = 10  # spaces and loose accents make text longer than what is kept of it
INTEGER_MAX = 2**53 - 1  # the largest integer that every JSON reader keeps exactly
OFFSET_MAX = timedelta(hours=14)
QUANTITY_MAX = 1_000_000
QUERY_INTEGER = re.compile(r"0|[1-9][0-9]{0,14}")

MONEY = r"^(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,3})?$"
MONEY_ABOVE_ZERO = (
    r"^(?:[1-9][0-9]{0,9}(?:\.[0-9]{1,3})?|0\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"
)
QUANTITY = (
    r"^(?:[1-9][0-9]{0,5}(?:\.[0-9]{1,3})?|1000000(?:\.0{1,3})?"
    r"|0\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"
)

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class StrictInteger(serializers.IntegerField):
    """A JSON integer; never text, a fraction or a truth value."""

    default_error_messages = {"invalid": _("Send a whole number, without quotes.")}

    def __init__(self, *, max_value: int = INTEGER_MAX, **options: Any) -> None:
        super().__init__(max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        """Return the integer; ``True`` is one to Python and none to a till."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class QueryInteger(StrictInteger):
    """An integer in a query, where everything is text."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer written in plain digits."""
        if not isinstance(data, str) or not QUERY_INTEGER.fullmatch(data):
            self.fail("invalid")
        return int(data)


class StrictBoolean(serializers.BooleanField):
    """JSON's ``true`` or ``false``."""

    default_error_messages = {"invalid": _("Send true or false, without quotes.")}

    def to_internal_value(self, data: Any) -> bool:
        """Return the truth value; 1, "yes" and "on" are none."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return bool(data)


class _Decimal(serializers.Field):
    """Digits with a point, in ASCII, without sign, exponent, separators or spaces."""

    default_error_messages = {
        "invalid_decimal": _("Send a decimal number as text, such as “12.50”."),
        "too_many_decimals": _("This has too many decimals."),
        "not_positive": _("This must be more than zero."),
        "too_large": _("This is too large."),
    }

    def to_representation(self, value: Decimal) -> str:
        """Write the number without an exponent."""
        return format(value, "f")

    def _read(self, data: Any, *, decimals: int) -> Decimal:
        shape = _DECIMAL.fullmatch(data) if isinstance(data, str) and len(data) <= 64 else None
        if shape is None:
            self.fail("invalid_decimal")
        if len(shape[1] or "") > decimals:
            self.fail("too_many_decimals")
        return Decimal(shape[0])


class Money(_Decimal):
    """An amount as a decimal string, in the currency of the context and with its decimals."""

    maximum = Decimal(10) ** 10

    def __init__(self, *, zero: bool = False, **options: Any) -> None:
        self.zero = zero
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount."""
        amount = self._read(data, decimals=min(DECIMALS_MAX, decimals_of(self.context["currency"])))
        if not amount and not self.zero:
            self.fail("not_positive")
        if amount >= self.maximum:
            self.fail("too_large")
        return amount


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": QUANTITY, "example": "1.250"},
            {"type": "integer", "minimum": 1, "maximum": QUANTITY_MAX},
        ]
    }
)
class Quantity(_Decimal):
    """How many or how much: a decimal string of at most three places, or a JSON integer."""

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the quantity; 10, "10" and "10.0" are the same."""
        is_integer = isinstance(data, int) and not isinstance(data, bool)
        quantity = Decimal(data) if is_integer else self._read(data, decimals=3)
        if quantity <= 0:
            self.fail("not_positive")
        if quantity > QUANTITY_MAX:
            self.fail("too_large")
        return quantity


@extend_schema_field(
    {"type": "string", "format": "date-time", "example": "2026-03-29T14:05:00+01:00"}
)
class OffsetDateTime(serializers.Field):
    """A moment with its offset from UTC, such as ``2026-03-29T14:05:00+01:00``."""

    default_error_messages = {
        "invalid_moment": _("Send a date and time such as 2026-03-29T14:05:00+01:00."),
        "offset_required": _("Add the offset from UTC, such as +01:00 or Z."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        """Return the moment in UTC."""
        if not isinstance(data, str):
            self.fail("invalid_moment")
        if not _MOMENT.fullmatch(data):
            self.fail("offset_required" if _MOMENT.fullmatch(f"{data}Z") else "invalid_moment")
        try:
            moment = datetime.fromisoformat(data)
            offset = moment.utcoffset() or timedelta()
            in_utc = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid_moment")
        if abs(offset) > OFFSET_MAX:
            self.fail("invalid_moment")
        return in_utc

    def to_representation(self, value: datetime) -> str:
        """Write the moment in UTC."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class StrictText(serializers.CharField):
    """Text, exactly as it was sent; numbers are none."""

    default_error_messages = {"invalid": _("Send text.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def run_validation(self, data: Any = empty) -> Any:
        """Refuse what is no text before the framework turns it into some."""
        if not isinstance(data, str) and data is not None and data is not empty:
            self.fail("invalid")
        return super().run_validation(data)


class Text(StrictText):
    """One line of text: NFC, trimmed, without control characters."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        self.longest = max_length
        super().__init__(max_length=max_length, **options)

    def run_validation(self, data: Any = empty) -> Any:
        """Read text; what comes out needs no further validators."""
        if isinstance(data, str):
            return self.to_internal_value(data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it is stored."""
        if len(data) > LONGEST_SPELLING * self.longest:
            raise_for(TextTooLong())
        line = refusing(clean_line, data, max_length=self.longest)
        if not line and not self.allow_blank:
            self.fail("blank")
        return str(line)


class PublicId(serializers.UUIDField):
    """A UUID in its usual form, the only id that callers ever see."""

    default_error_messages = {"invalid": _("Send an id such as they stand in our answers.")}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        """Return the id; numbers, URNs and braces are none."""
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            self.fail("invalid")
        return uuid.UUID(data)


class Choice(serializers.ChoiceField):
    """One word of a list."""

    default_error_messages = {"invalid_choice": _("This is not one of the allowed words.")}

    def __init__(self, choices: Iterable[Any], **options: Any) -> None:
        super().__init__(choices=list(choices), **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the word; other types are never turned into one."""
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice")
        return data


def refusing(read: Any, *args: Any, **options: Any) -> Any:
    """Call a reader of the domain; its refusal becomes the error of the field that asked."""
    try:
        return read(*args, **options)
    except InvalidInput as refusal:
        raise_for(refusal)


def raise_for(refusal: InvalidInput) -> NoReturn:
    """Raise a refusal as the framework's error, under the refusal's own code."""
    raise ValidationError([ErrorDetail(str(refusal.message), code=refusal.code)]) from refusal
