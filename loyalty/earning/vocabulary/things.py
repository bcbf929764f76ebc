"""What a rule gives beside points: stamps, credits, steps, vouchers and draw tickets."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, model_validator

from loyalty.earning.exact import ONE, Ratio
from loyalty.earning.reasons import Reason
from loyalty.earning.units import Goal, Unit
from loyalty.earning.vocabulary.effects import Effect, Stage
from loyalty.earning.vocabulary.parts import Code, Rate, fault
from loyalty.earning.vocabulary.triggers import for_activity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.basket import Ground
    from loyalty.earning.wording import Wording

Few = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Per(StrEnum):
    """What things are counted by."""

    PURCHASE = "purchase"
    UNIT = "unit"
    AMOUNT = "amount"


class Thing(Effect):
    """Things that are given once per purchase; they neither are multiplied nor make a base."""

    stages = (Stage.BONUS,)
    unit: ClassVar[Unit]

    @property
    @abstractmethod
    def target(self) -> str:
        """Return the code of what they are for, where they are for something."""

    @property
    @abstractmethod
    def count(self) -> int:
        """Return how many are given each time."""

    @property
    def goal(self) -> Goal:
        """Return what is given."""
        return Goal(self.unit, self.target)

    @property
    def shrinks(self) -> bool:
        """Nothing that is whole shrinks because points paid a part of the purchase."""
        return False

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Give them whatever the amount."""
        return (Decimal(self.count), ONE), self._reason(ground, {})

    def words(self, say: Wording) -> str:
        """Write "1 stamp on card coffee"."""
        return _things(self.unit, self.count, self.target, say)

    @staticmethod
    def told(params: Mapping[str, Any], say: Wording) -> str:
        """Write "1 stamp on card coffee per unit, for 3"."""
        given = _things(params["unit"], params["count"], params["target"], say)
        if "activity" in params:
            what = for_activity(params["activity"], params["name"])
        elif "units" in params:
            what = _("per unit, for %(units)s") % {"units": say.number(params["units"])}
        elif "per" in params:
            values = {"per": say.price(params["per"]), "amount": say.money(params["amount"])}
            what = _("per %(per)s on %(amount)s") % values
        else:
            what = _("for this purchase")
        return _("%(things)s %(what)s") % {"things": given, "what": what}

    def _reason(self, ground: Ground, values: Mapping[str, Any]) -> Reason:
        own = {"unit": self.unit.value, "count": self.count, "target": self.target}
        return Reason(_code(self), own | ground.basket.receipt.as_activity | dict(values))


class CountedThing(Thing):
    """Things that are given per purchase, per unit sold or per amount spent."""

    if TYPE_CHECKING:  # each kind has them after what it is about, as forms and tables show them
        per: Per
        amount: Rate | None

    @model_validator(mode="after")
    def _amount_fits(self) -> Self:
        if (self.per is Per.AMOUNT) != (self.amount is not None):
            raise fault(
                "per_and_amount",
                gettext_lazy("Give an amount when it counts by amount, and only then."),
            )
        return self

    @property
    def is_fixed(self) -> bool:
        """Say whether it asks neither what was bought nor for how much."""
        return self.per is Per.PURCHASE

    @property
    def shrinks(self) -> bool:
        """Only money can be paid in part with points; a thing that was bought is whole."""
        return self.per is Per.AMOUNT

    @property
    def counts(self) -> tuple[int, Decimal] | None:
        """Return how many are given for how much money."""
        return (self.count, self.amount) if self.amount is not None else None

    def due(self, ground: Ground) -> tuple[Ratio, Reason]:
        """Count them by the part of the amount that earns, by the units, or once."""
        if self.amount is not None:
            earning, whole = ground.basket.earning_share
            values = {"per": self.amount, "amount": ground.amount}
            ratio = ground.amount * self.count * earning, self.amount * whole
            return ratio, self._reason(ground, values)
        if self.per is Per.UNIT:
            units = ground.units()
            return (units * self.count, ONE), self._reason(ground, {"units": units})
        return super().due(ground)

    def words(self, say: Wording) -> str:
        """Write "1 stamp on card coffee per £5"."""
        given = super().words(say)
        if self.amount is not None:
            values = {"points": given, "amount": say.price(self.amount)}
            return _("%(points)s per %(amount)s") % values
        return _("%(points)s per unit") % {"points": given} if self.per is Per.UNIT else given


class Stamps(CountedThing):
    """Stamps on a card."""

    type: Literal["stamps"]
    card: Code
    stamps: Few = 1
    per: Per = Per.PURCHASE
    amount: Rate | None = None

    meaning = (
        "Stamps on the card with this code, per purchase, per whole unit sold or per amount "
        "spent. Only what counts by amount shrinks when a part was paid with points or a gift card."
    )
    unit = Unit.STAMPS

    @property
    def target(self) -> str:
        """Return the card's code."""
        return self.card

    @property
    def count(self) -> int:
        """Return the stamps."""
        return self.stamps


class TierCredits(CountedThing):
    """Credits that count toward a tier."""

    type: Literal["tier_credits"]
    credits: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    per: Per = Per.PURCHASE
    amount: Rate | None = None

    meaning = "Credits toward a tier, where tiers are reached by credits; they cannot be spent."
    unit = Unit.CREDITS

    @property
    def target(self) -> str:
        """Credits are the program's."""
        return ""

    @property
    def count(self) -> int:
        """Return the credits."""
        return self.credits


class ChallengeSteps(CountedThing):
    """Steps of a challenge that counts steps."""

    type: Literal["challenge_steps"]
    challenge: Code
    steps: Few = 1
    per: Per = Per.PURCHASE
    amount: Rate | None = None

    meaning = "Steps of the challenge with this code, where the challenge counts steps."
    unit = Unit.STEPS

    @property
    def target(self) -> str:
        """Return the challenge's code."""
        return self.challenge

    @property
    def count(self) -> int:
        """Return the steps."""
        return self.steps


class Vouchers(Thing):
    """Vouchers for a reward of the catalog."""

    type: Literal["voucher"]
    reward: Code
    count_: Annotated[int, Field(strict=True, ge=1, le=10, alias="count")] = 1

    meaning = "Vouchers for the reward with this code, which cost the member no points."
    unit = Unit.VOUCHERS

    @property
    def target(self) -> str:
        """Return the reward's code."""
        return self.reward

    @property
    def count(self) -> int:
        """Return how many vouchers."""
        return self.count_


class DrawTickets(CountedThing):
    """Tickets for a prize draw."""

    type: Literal["draw_tickets"]
    draw: Code
    tickets: Few = 1
    per: Per = Per.PURCHASE
    amount: Rate | None = None

    meaning = "Tickets for the prize draw with this code."
    unit = Unit.TICKETS

    @property
    def target(self) -> str:
        """Return the draw's code."""
        return self.draw

    @property
    def count(self) -> int:
        """Return the tickets."""
        return self.tickets


_CODES = {
    Unit.STAMPS: "stamps",
    Unit.CREDITS: "tier_credits",
    Unit.STEPS: "challenge_steps",
    Unit.VOUCHERS: "voucher",
    Unit.TICKETS: "draw_tickets",
}


def _code(thing: Thing) -> str:
    return _CODES[thing.unit]


def _things(unit: str, count: int, target: str, say: Wording) -> str:
    sentence = {
        Unit.STAMPS: ngettext(
            "%(count)s stamp on card %(target)s", "%(count)s stamps on card %(target)s", count
        ),
        Unit.CREDITS: ngettext("%(count)s tier credit", "%(count)s tier credits", count),
        Unit.STEPS: ngettext(
            "%(count)s step of the challenge %(target)s",
            "%(count)s steps of the challenge %(target)s",
            count,
        ),
        Unit.VOUCHERS: ngettext(
            "%(count)s voucher for %(target)s", "%(count)s vouchers for %(target)s", count
        ),
        Unit.TICKETS: ngettext(
            "%(count)s ticket for the draw %(target)s",
            "%(count)s tickets for the draw %(target)s",
            count,
        ),
    }[Unit(unit)]
    return sentence % {"count": say.number(count), "target": say.named(unit, target)}
