"""What a challenge asks for: each target counts purchases or activities in its own way."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, model_validator

from core.text import caseless
from loyalty.earning.exact import ONE, ZERO
from loyalty.earning.vocabulary.parts import Code, Part, Rate, fault
from loyalty.earning.vocabulary.triggers import ActivityKind, for_activity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from loyalty.challenges.counting import Happened
    from loyalty.earning.wording import Wording

Goal = Annotated[int, Field(strict=True, ge=1, le=10_000)]
KEY_LENGTH_MAX = 100
WEEK = 7


class Target(Part):
    """Something to reach: its fields, how it counts, its words and its line in the docs.

    What ``has_keys`` asks for different days, weeks or categories; everything else is a sum. Only
    what ``is_bought`` can be narrowed by conditions, and comes back when goods do.
    """

    meaning: ClassVar[str]
    is_bought: ClassVar[bool] = True
    has_keys: ClassVar[bool] = False

    @property
    @abstractmethod
    def goal(self) -> Decimal:
        """Return the progress at which it is reached."""

    @abstractmethod
    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Return what something counts, with the days, weeks or categories it counts for."""

    def reached(self, seen: Mapping[str, int]) -> Decimal:
        """Return how far the days, weeks or categories that were seen have brought somebody."""
        return Decimal(len(seen))

    def standing(self, progress: Decimal, _seen: Mapping[str, int], _today: date) -> Decimal:
        """Return what is left of the progress today."""
        return progress

    @abstractmethod
    def words(self, say: Wording) -> str:
        """Write what is asked for: "5 visits"."""


class VisitsTarget(Target):
    """So many purchases."""

    type: Literal["visits"]
    number: Goal
    once_a_day: Annotated[bool, Field(strict=True)] = False

    meaning = (
        "Purchases in which something meets the conditions; with `once_a_day` those of one day of "
        "the organization count as one."
    )

    @property
    def goal(self) -> Decimal:
        """Return the number of visits."""
        return Decimal(self.number)

    @property
    def has_keys(self) -> bool:  # type: ignore[override]  # days are told apart only if asked for
        """Say whether days are what counts."""
        return self.once_a_day

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count a purchase as one."""
        if happened.ground is None:
            return ZERO, ()
        return ONE, [happened.day.isoformat()] if self.once_a_day else ()

    def words(self, say: Wording) -> str:
        """Write "5 visits"."""
        if self.once_a_day:
            text = ngettext(
                "%(count)s day with a visit", "%(count)s days with a visit", self.number
            )
        else:
            text = ngettext("%(count)s visit", "%(count)s visits", self.number)
        return text % {"count": say.number(self.number)}


class AmountTarget(Target):
    """So much money's worth of goods."""

    type: Literal["amount"]
    amount: Rate

    meaning = (
        "What the goods cost that meet the conditions, whether they are paid for with money, "
        "points or a gift card."
    )

    @property
    def goal(self) -> Decimal:
        """Return the amount."""
        return self.amount

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count the money of the lines."""
        return (ZERO if happened.ground is None else happened.ground.amount), ()

    def words(self, say: Wording) -> str:
        """Write "£50 spent"."""
        return _("%(amount)s spent") % {"amount": say.price(self.amount)}


class ItemsTarget(Target):
    """So many units."""

    type: Literal["items"]
    number: Goal

    meaning = "Units of the lines that meet the conditions, fractions of a kilogram included."

    @property
    def goal(self) -> Decimal:
        """Return the number of units."""
        return Decimal(self.number)

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count the units of the lines."""
        return (ZERO if happened.ground is None else happened.ground.units()), ()

    def words(self, say: Wording) -> str:
        """Write "10 items"."""
        text = ngettext("%(count)s item", "%(count)s items", self.number)
        return text % {"count": say.number(self.number)}


class Depth(StrEnum):
    """Which step of a category's path tells categories apart."""

    FIRST = "first"
    LAST = "last"


class CategoriesTarget(Target):
    """Something from so many different categories."""

    type: Literal["distinct_categories"]
    number: Goal
    depth: Depth = Depth.FIRST

    meaning = (
        "Different categories among the lines that meet the conditions: by the `first` step of "
        "their path, or by the `last`; upper and lower case are the same."
    )
    has_keys = True

    @property
    def goal(self) -> Decimal:
        """Return the number of categories."""
        return Decimal(self.number)

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count a purchase for each category on it."""
        if happened.ground is None:
            return ZERO, ()
        step = 0 if self.depth is Depth.FIRST else -1
        names = {line.line.category[step] for line in happened.ground.lines if line.line.category}
        keys = sorted({caseless(name)[:KEY_LENGTH_MAX] for name in names})
        return (ONE, keys) if keys else (ZERO, ())

    def words(self, say: Wording) -> str:
        """Write "something from 4 different categories"."""
        text = ngettext(
            "something from %(count)s category",
            "something from %(count)s different categories",
            self.number,
        )
        return text % {"count": say.number(self.number)}


class StreakTarget(Target):
    """A purchase in so many weeks in a row."""

    type: Literal["week_streak"]
    weeks: Annotated[int, Field(strict=True, ge=2, le=53)]

    meaning = (
        "A purchase that meets the conditions in so many weeks in a row, from Monday to Sunday by "
        "the organization's calendar. A week left out begins the row anew."
    )
    has_keys = True

    @property
    def goal(self) -> Decimal:
        """Return the number of weeks."""
        return Decimal(self.weeks)

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count a purchase for its week."""
        return (ZERO, ()) if happened.ground is None else (ONE, [week_of(happened.day)])

    def reached(self, seen: Mapping[str, int]) -> Decimal:
        """Return the row that ends in the last week; the goal once any row was long enough."""
        rows = _rows(sorted(map(int, seen)))
        if not rows:
            return ZERO
        return self.goal if max(rows) >= self.weeks else Decimal(rows[-1])

    def standing(self, progress: Decimal, seen: Mapping[str, int], today: date) -> Decimal:
        """Return nothing of a row that a week was left out of since."""
        if not seen or progress >= self.goal:
            return progress
        return progress if max(map(int, seen)) >= int(week_of(today)) - 1 else ZERO

    def words(self, say: Wording) -> str:
        """Write "a visit in 4 weeks in a row"."""
        text = ngettext(
            "a visit in %(count)s week in a row", "a visit in %(count)s weeks in a row", self.weeks
        )
        return text % {"count": say.number(self.weeks)}


class ActivitiesTarget(Target):
    """So many activities of one kind."""

    type: Literal["activities"]
    kind: ActivityKind
    name: Code | None = None
    number: Goal

    meaning = "Activities of one kind; those of the shop's own kind by their `name`."
    is_bought = False

    @model_validator(mode="after")
    def _own_has_a_name(self) -> Self:
        if (self.kind == ActivityKind.CUSTOM) != (self.name is not None):
            raise fault(
                "activity_name",
                gettext_lazy("Give a name to an activity of your own, and to no other."),
            )
        return self

    @property
    def goal(self) -> Decimal:
        """Return the number of activities."""
        return Decimal(self.number)

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count an activity of this kind as one."""
        return (ONE if happened.activity == (self.kind, self.name or "") else ZERO), ()

    def words(self, say: Wording) -> str:
        """Write "3 times: for a review"."""
        text = ngettext("%(count)s time %(what)s", "%(count)s times %(what)s", self.number)
        what = for_activity(self.kind, self.name or "")
        return text % {"count": say.number(self.number), "what": what}


class StepsTarget(Target):
    """So many steps that rules give."""

    type: Literal["steps"]
    number: Goal

    meaning = "Steps that rules of the program give for this challenge."
    is_bought = False

    @property
    def goal(self) -> Decimal:
        """Return the number of steps."""
        return Decimal(self.number)

    def counted(self, happened: Happened) -> tuple[Decimal, Collection[str]]:
        """Count the steps that rules gave."""
        return Decimal(happened.steps), ()

    def words(self, say: Wording) -> str:
        """Write "10 steps"."""
        text = ngettext("%(count)s step", "%(count)s steps", self.number)
        return text % {"count": say.number(self.number)}


def week_of(day: date) -> str:
    """Return the number of the week of a day; weeks begin on Monday and count up for ever."""
    return str((day.toordinal() - 1) // WEEK)


def _rows(weeks: list[int]) -> list[int]:
    """Return the lengths of the rows of weeks without a gap, in their order."""
    rows = [1] if weeks else []
    for week, following in pairwise(weeks):
        if following == week + 1:
            rows[-1] += 1
        else:
            rows.append(1)
    return rows


AnyTarget = (
    VisitsTarget
    | AmountTarget
    | ItemsTarget
    | CategoriesTarget
    | StreakTarget
    | ActivitiesTarget
    | StepsTarget
)
TARGETS: dict[str, type[Target]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(AnyTarget)
}
