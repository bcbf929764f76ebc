"""The pieces every part of a rule is made of: closed models and strict field types."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from django.utils.translation import gettext_lazy as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
)
from pydantic_core import PydanticCustomError

from core.errors import InvalidInput
from core.text import clean_line
from loyalty.earning.exact import plain

if TYPE_CHECKING:
    from django.utils.functional import Promise

POINTS_MAX = 1_000_000
LIST_MAX = 200

_PLAIN_DECIMAL = re.compile(r"\d{1,10}(\.\d{1,3})?", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MOMENT = re.compile(
    r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)  # later years leave no room to count on
_CODE = re.compile(r"[\w-]{1,50}", re.ASCII)

Value = TypeVar("Value")


class Part(BaseModel):
    """One piece of a rule: closed to unknown fields and never changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def fault(code: str, sentence: str | Promise) -> PydanticCustomError:
    """Return a validation error that carries its own translated sentence."""
    # The sentence's braces would be filled in by pydantic, so it travels as data.
    return PydanticCustomError("refused", "refused", {"code": code, "sentence": sentence})


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise fault("not_a_decimal", _("Write a number such as 12 or 12.50."))
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _PLAIN_DECIMAL.fullmatch(text):
        raise fault("not_a_decimal", _("Write a number such as 12 or 12.50."))
    return Decimal(text).normalize()


def _clock(value: Any) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise fault("not_a_time", _("Write a time such as 07:30."))
    return time.fromisoformat(value)


def clock(value: time) -> str:
    """Write a time as 07:30."""
    return f"{value.hour:02}:{value.minute:02}"


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise fault("not_a_date", _("Write a date such as 2026-07-06."))
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise fault("not_a_date", _("There is no such date.")) from error


def _moment(value: Any) -> datetime:
    """Keep the offset that was written, so that words tell the clock that was meant."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise fault("not_a_moment", _("Write a moment such as 2026-07-06T00:00:00+01:00."))


def _told_moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _line(text: str) -> str:
    try:
        cleaned = clean_line(text, max_length=120)
    except InvalidInput as refusal:
        raise fault(refusal.code, refusal.message) from refusal
    if not cleaned:
        raise fault("blank", _("Write something here."))
    return cleaned


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise fault("not_a_code", _("Write a code of letters, digits and hyphens."))
    return text


def _distinct(values: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _name_or_path(value: Any) -> str:
    return "path" if isinstance(value, (list, tuple)) else "name"


Exact = Annotated[
    Decimal, BeforeValidator(_exact), PlainSerializer(plain, return_type=str, when_used="json")
]
Clock = Annotated[
    time, BeforeValidator(_clock), PlainSerializer(clock, return_type=str, when_used="json")
]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_told_moment, return_type=str, when_used="json"),
]
Label = Annotated[str, AfterValidator(_line)]
Code = Annotated[str, AfterValidator(_code)]
Labels = Annotated[
    tuple[Label, ...], Field(min_length=1, max_length=LIST_MAX), AfterValidator(_distinct)
]
CategoryPath = Annotated[tuple[Label, ...], Field(min_length=1, max_length=10)]
CategoryName = Annotated[
    Annotated[Label, Tag("name")] | Annotated[CategoryPath, Tag("path")],
    Discriminator(_name_or_path),
]
CategoryNames = Annotated[
    tuple[CategoryName, ...],
    Field(min_length=1, max_length=LIST_MAX),
    AfterValidator(_distinct),
]
Points = Annotated[int, Field(strict=True, ge=1, le=POINTS_MAX)]
Cap = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Rate = Annotated[Exact, Field(gt=0, le=Decimal(1_000_000))]
