"""When a purchase was made, by the store's own calendar and clock."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, Field, model_validator

from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import PurchaseCondition
from loyalty.earning.vocabulary.parts import Clock, Day, fault
from loyalty.earning.wording import WEEK, WEEKDAY_NAMES, Weekday

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loyalty.earning.basket import Basket
    from loyalty.earning.wording import Wording


class DatesCondition(PurchaseCondition):
    """Between which days, both included, by the store's calendar."""

    type: Literal["dates"]
    from_day: Day | None = Field(default=None, alias="from")
    until_day: Day | None = Field(default=None, alias="until")

    label = gettext_lazy("Between two days")
    labels: ClassVar = {"from": gettext_lazy("First day"), "until": gettext_lazy("Last day")}
    meaning = "The purchase was made from the one day until the other, both included, store time."
    unmet_code = "outside_dates"

    @model_validator(mode="after")
    def _some_days(self) -> Self:
        if self.from_day is None and self.until_day is None:
            raise fault("empty", gettext_lazy("Give a first day, a last day or both."))
        if (self.from_day or date.min) > (self.until_day or date.max):
            raise fault("ends_before_start", gettext_lazy("The last day is before the first."))
        return self

    def unmet(self, basket: Basket) -> Reason | None:
        """Compare the store's date at the time of purchase."""
        today = basket.receipt.local.date()
        starts, ends = self.from_day, self.until_day
        if (starts is None or starts <= today) and (ends is None or today <= ends):
            return None
        return Reason(self.unmet_code, {"from": starts, "until": ends, "date": today})

    def words(self, say: Wording) -> str:
        """Write "from 1 Jul 2026 until 31 Jul 2026"."""
        return _span(self.from_day, self.until_day, say)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only until 31 Jul 2026; this was on 2 Aug 2026"."""
        starts, ends = (
            params[name] and date.fromisoformat(params[name]) for name in ("from", "until")
        )
        return _("only %(span)s; this was on %(date)s") % {
            "span": _span(starts, ends, say),
            "date": say.day(date.fromisoformat(params["date"])),
        }


def _span(starts: date | None, ends: date | None, say: Wording) -> str:
    if ends is None:
        return _("from %(day)s") % {"day": say.day(starts or date.min)}
    if starts is None:
        return _("until %(day)s") % {"day": say.day(ends)}
    return _("from %(first)s until %(last)s") % {"first": say.day(starts), "last": say.day(ends)}


def _in_order(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(sorted(set(days), key=WEEK.index))


class HoursCondition(PurchaseCondition):
    """On which weekdays and between which hours, by the store's clock."""

    type: Literal["weekdays_and_hours"]
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7), AfterValidator(_in_order)] = ()
    from_time: Clock | None = Field(default=None, alias="from")
    to_time: Clock | None = Field(default=None, alias="to")

    label = gettext_lazy("On weekdays and hours")
    labels: ClassVar = {
        "weekdays": gettext_lazy("Weekdays"),
        **{f"weekdays.{day}": name for day, name in WEEKDAY_NAMES.items()},
        "from": gettext_lazy("From"),
        "to": gettext_lazy("To just before"),
    }
    meaning = (
        "The purchase was made on one of these weekdays, from the one time to just before the "
        "other, store time. Hours may run over midnight and then belong to the day they start on."
    )
    unmet_code = "outside_hours"

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if (self.from_time is None) != (self.to_time is None):
            raise fault("half_hours", gettext_lazy("Give both a start and an end time."))
        if self.from_time is None and not self.weekdays:
            raise fault("empty", gettext_lazy("Give weekdays, hours or both."))
        if self.from_time is not None and self.from_time == self.to_time:
            raise fault("no_hours", gettext_lazy("The hours end when they start."))
        return self

    def unmet(self, basket: Basket) -> Reason | None:
        """Compare the store's weekday and time at the time of purchase."""
        local = basket.receipt.local
        now, weekday = local.time(), local.weekday()
        if self._after_midnight(now):
            weekday = (local - timedelta(days=1)).weekday()
        if self._within_hours(now) and (not self.weekdays or WEEK[weekday] in self.weekdays):
            return None
        return Reason(
            self.unmet_code,
            {
                "weekdays": self.weekdays,
                "from": self.from_time,
                "to": self.to_time,
                "weekday": WEEK[local.weekday()],
                "time": now,
            },
        )

    def _after_midnight(self, now: time) -> bool:
        starts, ends = self.from_time, self.to_time
        return starts is not None and ends is not None and now < ends < starts

    def _within_hours(self, now: time) -> bool:
        starts, ends = self.from_time, self.to_time
        if starts is None or ends is None:
            return True
        return starts <= now < ends if starts < ends else now >= starts or now < ends

    def words(self, say: Wording) -> str:
        """Write "Mondays and Tuesdays 7:00–10:00"."""
        return _hours(self.weekdays, self.from_time, self.to_time, say)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only Mondays 7:00–10:00; this was on a Tuesday at 9:15"."""
        starts, ends = (
            params[name] and time.fromisoformat(params[name]) for name in ("from", "to")
        )
        return _("only %(hours)s; this was %(weekday)s at %(time)s") % {
            "hours": _hours(params["weekdays"], starts, ends, say),
            "weekday": say.weekday(params["weekday"]),
            "time": say.clock(time.fromisoformat(params["time"])),
        }


def _hours(days: Sequence[str], starts: time | None, ends: time | None, say: Wording) -> str:
    if starts is None or ends is None:
        return say.weekdays(days)
    span = _("%(from)s–%(to)s") % {"from": say.clock(starts), "to": say.clock(ends)}
    if not days:
        return span
    return _("%(weekdays)s %(hours)s") % {"weekdays": say.weekdays(days), "hours": span}
