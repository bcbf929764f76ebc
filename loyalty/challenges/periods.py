"""When a challenge runs: between two days, anew in each week, month or quarter, or from joining."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple, Self, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, model_validator

from core.days import add_months, local_day, start_of_day
from loyalty.earning.vocabulary.parts import Day, Part, fault

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.utils.functional import Promise

    from loyalty.earning.wording import Wording

A_DAY = timedelta(days=1)
MONTHS_IN_QUARTER = 3
_LAST_DAY = date(9998, 12, 31)


class Span(NamedTuple):
    """One period: its first local day, and the instants between which something counts."""

    day: date
    starts_at: datetime
    ends_at: datetime


class Period(Part):
    """When a challenge runs: its fields, its spans, its words and its line in the docs."""

    meaning: ClassVar[str]
    needs_joining: ClassVar[bool] = False

    @abstractmethod
    def span_at(self, moment: datetime, zone: ZoneInfo) -> Span | None:
        """Return the period that the moment lies in; who joins then begins there."""

    @property
    def last_day(self) -> date | None:
        """Return the day after which nothing can begin any more, if there is one."""
        return None

    def begins_at(self, _zone: ZoneInfo) -> datetime | None:
        """Return when the first period begins, if there is a first."""
        return None

    @abstractmethod
    def words(self, say: Wording) -> str:
        """Write when it runs: "in each month"."""


class FixedPeriod(Period):
    """Between two days."""

    type: Literal["fixed"]
    from_day: Day = Field(alias="from")
    until_day: Day = Field(alias="until")

    meaning = "From the one day until the other, both included, by the organization's calendar."

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.from_day > self.until_day:
            raise fault("ends_before_start", gettext_lazy("The last day is before the first."))
        if self.until_day > _LAST_DAY:
            raise fault("not_a_date", gettext_lazy("Write a date such as 2026-07-06."))
        return self

    def span_at(self, moment: datetime, zone: ZoneInfo) -> Span | None:
        """Return the only period there is, if the moment lies in it."""
        span = _span(self.from_day, self.until_day + A_DAY, zone)
        return span if span.starts_at <= moment < span.ends_at else None

    def begins_at(self, zone: ZoneInfo) -> datetime | None:
        """Return when the first day begins."""
        return start_of_day(self.from_day, zone)

    @property
    def last_day(self) -> date | None:
        """Return the last day of all."""
        return self.until_day

    def words(self, say: Wording) -> str:
        """Write "from 1 Jun until 30 Jun 2026"."""
        days = {"from": say.day(self.from_day), "until": say.day(self.until_day)}
        return _("from %(from)s until %(until)s") % days


class Unit(StrEnum):
    """How long each period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


_EACH: dict[str, Promise] = {
    Unit.WEEK: gettext_lazy("in each week"),
    Unit.MONTH: gettext_lazy("in each month"),
    Unit.QUARTER: gettext_lazy("in each quarter"),
}


class EachPeriod(Period):
    """Anew in each week, month or quarter."""

    type: Literal["each"]
    unit: Unit

    meaning = (
        "Anew in each `week` (from Monday), `month` or `quarter` of the organization's calendar; "
        "it can be completed once in each."
    )

    def span_at(self, moment: datetime, zone: ZoneInfo) -> Span | None:
        """Return the week, month or quarter of that moment."""
        today = local_day(moment, zone)
        if self.unit is Unit.WEEK:
            first = today - timedelta(days=today.weekday())
            return _span(first, first + 7 * A_DAY, zone)
        first = today.replace(day=1)
        if self.unit is Unit.MONTH:
            return _span(first, add_months(first, 1), zone)
        first = first.replace(month=today.month - (today.month - 1) % MONTHS_IN_QUARTER)
        return _span(first, add_months(first, MONTHS_IN_QUARTER), zone)

    def words(self, _say: Wording) -> str:
        """Write "in each month"."""
        return str(_EACH[self.unit])


class JoiningPeriod(Period):
    """So many days from joining on."""

    type: Literal["after_joining"]
    days: Annotated[int, Field(strict=True, ge=1, le=366)]

    meaning = (
        "From the moment at which a member joins the challenge until the end of the day so many "
        "days later. When it is over, they can join anew."
    )
    needs_joining = True

    def span_at(self, moment: datetime, zone: ZoneInfo) -> Span | None:
        """Return the days that begin at that moment."""
        today = local_day(moment, zone)
        return Span(today, moment, start_of_day(today + (self.days + 1) * A_DAY, zone))

    def words(self, say: Wording) -> str:
        """Write "within 14 days of joining"."""
        text = ngettext(
            "within %(days)s day of joining", "within %(days)s days of joining", self.days
        )
        return text % {"days": say.number(self.days)}


def is_over(period: Period, moment: datetime, zone: ZoneInfo) -> bool:
    """Say whether nothing can begin any more."""
    return period.last_day is not None and local_day(moment, zone) > period.last_day


def _span(first: date, after: date, zone: ZoneInfo) -> Span:
    return Span(first, start_of_day(first, zone), start_of_day(after, zone))


AnyPeriod = FixedPeriod | EachPeriod | JoiningPeriod
PERIODS: dict[str, type[Period]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(AnyPeriod)
}
