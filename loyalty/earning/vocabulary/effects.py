"""What a rule gives: points by amount, by unit, outright, or as a multiple of the base."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field, model_validator

from loyalty.earning.exact import ONE, Ratio
from loyalty.earning.reasons import Reason
from loyalty.earning.units import Goal, Unit
from loyalty.earning.vocabulary.parts import POINTS_MAX, Exact, Part, Points, Rate, fault
from loyalty.earning.vocabulary.triggers import for_activity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.basket import Ground
    from loyalty.earning.wording import Wording


POINTS = Goal(Unit.POINTS)


class Stage(StrEnum):
    """When a rule counts: base first, then what multiplies the base, then what comes on top."""

    BASE = "base"
    MULTIPLIER = "multiplier"
    BONUS = "bonus"


class Effect(Part):
    """What a rule gives: its fields, its sum, its words and its line in the docs."""

    meaning: ClassVar[str]
    stages: ClassVar[tuple[Stage, ...]] = (Stage.BASE, Stage.BONUS)

    @property
    def goal(self) -> Goal:
        """Return what is given."""
        return POINTS

    @property
    def is_fixed(self) -> bool:
        """Say whether it asks neither what was bought nor for how much."""
        return not self.shrinks

    @property
    def shrinks(self) -> bool:
        """Say whether less is given where a part was paid with points or a gift card."""
        return True

    @property
    def counts(self) -> tuple[int, Decimal] | None:
        """Return how many are given for how much money, where money is what counts."""
        return None

    @abstractmethod
    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Return the points due on these lines before any rounding, and what they count on."""

    @abstractmethod
    def words(self, say: Wording) -> str:
        """Return the start of the rule's sentence."""

    @staticmethod
    @abstractmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Say how the points came about, from the values the reason stored."""


class PointsPerAmount(Effect):
    """So many points for so much money."""

    type: Literal["points_per_amount"]
    points: Points
    per: Rate = ONE

    meaning = "Points for every so much spent on the lines the rule works on."

    @model_validator(mode="after")
    def _bearable(self) -> Self:
        if self.points > self.per * POINTS_MAX:
            raise fault("rate_too_high", gettext_lazy("These are too many points per amount."))
        return self

    @property
    def counts(self) -> tuple[int, Decimal]:
        """Return how many points are given for how much money."""
        return self.points, self.per

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Count points on the part of the amount that earns."""
        earning, whole = ground.basket.earning_share
        values = {"points": self.points, "per": self.per, "amount": ground.amount}
        ratio = ground.amount * self.points * earning, self.per * whole
        return ratio, Reason("points_per_amount", values)

    def words(self, say: Wording) -> str:
        """Write "2 points per £1"."""
        return _per_amount(self.points, self.per, say)

    @staticmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Write "2 points per £1 on £12.40"."""
        return _("%(rate)s on %(amount)s") % {
            "rate": _per_amount(params["points"], params["per"], say),
            "amount": say.money(params["amount"]),
        }


def _per_amount(points: int, per: Decimal | str, say: Wording) -> str:
    return _("%(points)s per %(amount)s") % {
        "points": say.points(points),
        "amount": say.price(per),
    }


class PointsPerUnit(Effect):
    """So many points for each unit sold."""

    type: Literal["points_per_unit"]
    points: Points

    meaning = (
        "Points for every unit of the lines the rule works on, fractions of a kilogram or meter "
        "included; discounts are no units."
    )

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Count points on the part of the units that earns."""
        earning, whole = ground.basket.earning_share
        units = ground.units()
        values = {"points": self.points, "units": units}
        return (units * self.points * earning, whole), Reason("points_per_unit", values)

    def words(self, say: Wording) -> str:
        """Write "5 points per unit"."""
        return _("%(points)s per unit") % {"points": say.points(self.points)}

    @staticmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Write "5 points per unit, for 3"."""
        return _("%(points)s per unit, for %(units)s") % {
            "points": say.points(params["points"]),
            "units": say.number(params["units"]),
        }


class FixedPoints(Effect):
    """So many points, once per purchase."""

    type: Literal["fixed_points"]
    points: Points

    meaning = (
        "Points once per purchase, unless all of it was paid with points or a gift card; "
        "or once per activity."
    )

    @property
    def shrinks(self) -> bool:
        """The points are given whole."""
        return False

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Give the points whatever the amount."""
        done = ground.basket.receipt.as_activity
        values: dict[str, Any] = {"points": self.points, **(done or {"amount": ground.amount})}
        return (Decimal(self.points), ONE), Reason("fixed_points", values)

    def words(self, say: Wording) -> str:
        """Write "50 points"."""
        return say.points(self.points)

    @staticmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Write "50 points for this purchase" or "50 points for a review"."""
        points = say.points(params["points"])
        if "activity" in params:
            done = for_activity(params["activity"], params["name"])
            return _("%(things)s %(what)s") % {"things": points, "what": done}
        return _("%(points)s for this purchase") % {"points": points}


class Multiplier(Effect):
    """A multiple of the base points that lie on the lines the rule works on."""

    type: Literal["multiplier"]
    times: Annotated[Exact, Field(gt=1, le=100)]

    meaning = (
        "The base points on the lines the rule works on, so many times: 2 adds once as much. "
        "Several multipliers each work on the base and do not multiply one another."
    )
    stages = (Stage.MULTIPLIER,)

    @property
    def is_fixed(self) -> bool:
        """It multiplies what was bought."""
        return False

    @property
    def shrinks(self) -> bool:
        """The base has shrunk already."""
        return False

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Add what is missing from the base to its multiple."""
        points, whole = ground.base_points()
        # The explanation may drop thousandths; the sum below drops nothing.
        base = points if whole == 1 else points * 100 // whole / 100
        reason = Reason("multiplier", {"times": self.times, "base": base})
        return (points * (self.times - 1), whole), reason

    def words(self, say: Wording) -> str:
        """Write "2 times the points"."""
        return _("%(times)s times the points") % {"times": say.number(self.times)}

    @staticmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Write "2 times the 24 base points"."""
        return _("%(times)s times the base of %(base)s") % {
            "times": say.number(params["times"]),
            "base": say.number(params["base"]),
        }
