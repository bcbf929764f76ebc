"""How much must be bought before a rule gives anything."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import GroundCondition
from loyalty.earning.vocabulary.parts import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.basket import Ground
    from loyalty.earning.wording import Wording


class Over(StrEnum):
    """Which lines must reach the minimum together."""

    RECEIPT = "receipt"
    MATCHING_LINES = "matching_lines"


_RECEIPT = Over.RECEIPT
_OVER = {
    "over": gettext_lazy("Counted over"),
    "over.receipt": gettext_lazy("the whole receipt"),
    "over.matching_lines": gettext_lazy("the lines this rule is about"),
}


class MinimumAmountCondition(GroundCondition):
    """A sum that the purchase, or the lines the rule works on, must reach."""

    type: Literal["minimum_amount"]
    amount: Rate
    over: Over = Over.RECEIPT

    label = gettext_lazy("From an amount on")
    labels: ClassVar = {"amount": gettext_lazy("At least"), **_OVER}
    meaning = (
        "All lines that can earn, or only those the rule works on, come to at least this amount: "
        "what the member pays for them, tax included, whether with money, points or a gift card."
    )
    unmet_code = "below_minimum"

    def unmet(self, ground: Ground) -> Reason | None:
        """Compare what the member pays for the lines."""
        paid = ground.basket.paid if self.over is _RECEIPT else ground.paid()
        if paid >= self.amount:
            return None
        return Reason(self.unmet_code, {"minimum": self.amount, "amount": paid, "over": self.over})

    def words(self, say: Wording) -> str:
        """Write "on purchases of £20 or more"."""
        if self.over is _RECEIPT:
            return _("on purchases of %(amount)s or more") % {"amount": say.price(self.amount)}
        return _("when these come to %(amount)s or more") % {"amount": say.price(self.amount)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only from £20; this came to £12.40"."""
        return _("only from %(minimum)s; this came to %(amount)s") % {
            "minimum": say.price(params["minimum"]),
            "amount": say.money(params["amount"]),
        }


class MinimumQuantityCondition(GroundCondition):
    """A number of units that the purchase, or the lines the rule works on, must reach."""

    type: Literal["minimum_quantity"]
    quantity: Rate
    over: Over = Over.MATCHING_LINES

    label = gettext_lazy("From a quantity on")
    labels: ClassVar = {"quantity": gettext_lazy("At least"), **_OVER}
    meaning = (
        "The lines the rule works on, or all lines that can earn, come to at least this many "
        "units, fractions of a kilogram or meter included; discounts are no units."
    )
    unmet_code = "too_few_units"

    def unmet(self, ground: Ground) -> Reason | None:
        """Count the units of the lines."""
        units = ground.basket.units() if self.over is _RECEIPT else ground.units()
        if units >= self.quantity:
            return None
        values = {"minimum": self.quantity, "units": units, "over": self.over}
        return Reason(self.unmet_code, values)

    def words(self, say: Wording) -> str:
        """Write "when 3 or more of these are bought"."""
        if self.over is _RECEIPT:
            return _("on purchases of %(quantity)s units or more") % {
                "quantity": say.number(self.quantity)
            }
        return _("when %(quantity)s or more of these are bought") % {
            "quantity": say.number(self.quantity)
        }

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only from 3 units; these were 2"."""
        return _("only from %(minimum)s units; these were %(units)s") % {
            "minimum": say.number(params["minimum"]),
            "units": say.number(params["units"]),
        }
