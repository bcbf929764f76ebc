"""How far back a member's spending counts for a scale of discounts: local days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field

from core.days import add_months
from loyalty.earning.vocabulary.parts import Part

if TYPE_CHECKING:
    from loyalty.earning.wording import Wording


class CalendarYear(Part):
    """What was spent since the first of January counts."""

    type: Literal["calendar_year"]

    def first_day(self, today: date) -> date:
        """Return the first of January."""
        return date(today.year, 1, 1)

    def words(self, say: Wording) -> str:  # noqa: ARG002
        """Write "this year"."""
        return _("this year")


class RollingMonths(Part):
    """What was spent in the last so many months counts."""

    type: Literal["rolling"]
    months: Annotated[int, Field(strict=True, ge=1, le=120)]

    def first_day(self, today: date) -> date:
        """Return the day after the one so many months ago."""
        return add_months(today, -self.months) + timedelta(days=1)

    def words(self, say: Wording) -> str:
        """Write "in the last 12 months"."""
        sentence = ngettext("in the last month", "in the last %(n)s months", self.months)
        return sentence % {"n": say.number(self.months)}


class Lifetime(Part):
    """Everything counts, however long ago."""

    type: Literal["lifetime"]

    def first_day(self, today: date) -> date:  # noqa: ARG002
        """Return the first day there is."""
        return date.min

    def words(self, say: Wording) -> str:  # noqa: ARG002
        """Write "so far"."""
        return _("so far")


Span = CalendarYear | RollingMonths | Lifetime
