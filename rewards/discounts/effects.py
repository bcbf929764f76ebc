"""What a source of discounts does: percent, prices, an amount, shipping, or a free article."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, model_validator

from loyalty.earning.exact import ZERO
from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.parts import Exact, Label, Labels, Part, Rate, fault
from loyalty.earning.wording import chained
from rewards.discounts.spans import CalendarYear, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import Promise

    from loyalty.earning.receipt import Line
    from loyalty.earning.wording import Wording

STEPS_MAX = 12
PRICES_MAX = 200
UNITS_MAX = 100
ALL = Decimal(100)

Percent = Annotated[Exact, Field(gt=0, le=100)]
Spent = Annotated[Exact, Field(ge=0, le=Decimal(1_000_000_000))]


class Stage(IntEnum):
    """In which order effects work: prices, then percentages, then free articles, then amounts."""

    PRICE = 0
    PERCENT = 1
    UNIT = 2
    AMOUNT = 3


class Effect(Part):
    """What is taken off: its fields, its words and its line in the docs."""

    label: ClassVar[str | Promise]
    meaning: ClassVar[str]
    stage: ClassVar[Stage]

    @property
    def face(self) -> Decimal:
        """Return how much it says itself that it takes, to tell the larger of two alike."""
        return ZERO

    def lands_on(self, picked: Sequence[Line], every: Sequence[Line]) -> Sequence[Line]:  # noqa: ARG002
        """Return the lines it takes something off: as a rule those that the conditions picked."""
        return picked

    def percent_at(self, spent: Decimal) -> Decimal | None:  # noqa: ARG002
        """Return the percentage that is taken off for who spent so much, where it is one."""
        return None

    @abstractmethod
    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:
        """Tell how what was taken off came about."""

    @abstractmethod
    def words(self, say: Wording) -> str:
        """Return the start of the sentence."""


class PercentOff(Effect):
    """So many percent off."""

    type: Literal["percent_off"]
    percent: Percent

    label = gettext_lazy("Percent off")
    meaning = "A percentage off the lines that the conditions pick."
    stage = Stage.PERCENT

    @property
    def face(self) -> Decimal:
        """Return the percentage."""
        return self.percent

    def percent_at(self, spent: Decimal) -> Decimal:  # noqa: ARG002
        """Return the percentage."""
        return self.percent

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell the percentage."""
        return (Reason("percent_off", {"percent": self.percent}),)

    def words(self, say: Wording) -> str:
        """Write "10% off"."""
        return _("%(percent)s%% off") % {"percent": say.number(self.percent)}


class AmountOff(Effect):
    """So much money off."""

    type: Literal["amount_off"]
    amount: Rate

    label = gettext_lazy("Amount off")
    meaning = "An amount off the lines that the conditions pick, once per purchase."
    stage = Stage.AMOUNT

    @property
    def face(self) -> Decimal:
        """Return the amount."""
        return self.amount

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell the amount, and where there was no room for all of it."""
        if taken < self.amount:
            return (Reason("part_of_amount_off", {"amount": taken, "of": self.amount}),)
        return (Reason("amount_off", {"amount": self.amount}),)

    def words(self, say: Wording) -> str:
        """Write "£5 off"."""
        return _("%(amount)s off") % {"amount": say.price(self.amount)}


class Price(Part):
    """What members pay for one of an article."""

    sku: Label
    price: Annotated[Exact, Field(ge=0, le=Decimal(1_000_000))]


class MemberPrice(Effect):
    """Prices of their own for some articles."""

    type: Literal["member_price"]
    prices: Annotated[tuple[Price, ...], Field(min_length=1, max_length=PRICES_MAX)]

    label = gettext_lazy("Member prices")
    meaning = (
        "A price for one unit of each of these articles, tax included. Who pays less already pays "
        "no more."
    )
    stage = Stage.PRICE

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(self.by_sku) < len(self.prices):
            raise fault("article_twice", gettext_lazy("Give each article one price."))
        return self

    @cached_property
    def by_sku(self) -> Mapping[str, Decimal]:
        """Return the price of one unit by article number."""
        return {one.sku: one.price for one in self.prices}

    def lands_on(self, picked: Sequence[Line], every: Sequence[Line]) -> Sequence[Line]:  # noqa: ARG002
        """Keep the articles that have a price."""
        return [line for line in picked if line.sku in self.by_sku]

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell that it is the price for members."""
        return (Reason("member_price", {}),)

    def words(self, say: Wording) -> str:
        """Write "A1 for £2 and A2 for £3.50"."""
        told = [
            _("%(article)s for %(price)s") % {"article": one.sku, "price": say.price(one.price)}
            for one in self.prices[:3]
        ]
        if len(self.prices) > len(told):
            return ngettext(
                "a price of its own for %(n)s article",
                "prices of their own for %(n)s articles",
                len(self.prices),
            ) % {"n": say.number(len(self.prices))}
        return _("member price: %(prices)s") % {"prices": say.every(told)}


class Step(Part):
    """What is taken off once a member has spent so much."""

    spent: Spent
    percent: Percent


class Scale(Effect):
    """A percentage that grows with what the member has spent."""

    type: Literal["scale"]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_MAX)]
    window: Annotated[Span, Field(discriminator="type")] = CalendarYear(type="calendar_year")

    label = gettext_lazy("Percent off that grows with spending")
    meaning = (
        "A percentage that depends on what the member paid before this purchase within the window, "
        "less what came back."
    )
    stage = Stage.PERCENT

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if any(
            after.spent <= before.spent or after.percent <= before.percent
            for before, after in pairwise(self.steps)
        ):
            sentence = gettext_lazy(
                "Let each step ask for more than the one before, and give more."
            )
            raise fault("steps_out_of_order", sentence)
        return self

    def step_at(self, spent: Decimal) -> Step | None:
        """Return the highest step that was reached."""
        return next((one for one in reversed(self.steps) if one.spent <= spent), None)

    def next_after(self, spent: Decimal) -> Step | None:
        """Return the first step that was not reached."""
        return next((one for one in self.steps if one.spent > spent), None)

    def percent_at(self, spent: Decimal) -> Decimal | None:
        """Return the percentage of the step that was reached, if one was."""
        step = self.step_at(spent)
        return step.percent if step else None

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell the step that was reached, and the one after it."""
        reached = Reason("scale", {"percent": self.percent_at(spent), "spent": spent})
        following = self.next_after(spent)
        if following is None:
            return (reached,)
        more = {"next": following.percent, "missing": following.spent - spent}
        return reached, Reason("scale_goes_on", more)

    def words(self, say: Wording) -> str:
        """Write "5% off from £100 spent this year, 10% off from £500"."""
        first, *more = self.steps
        start = _("%(percent)s%% off from %(amount)s spent %(window)s") % {
            **_step_values(first, say),
            "window": self.window.words(say),
        }
        rest = [_("%(percent)s%% off from %(amount)s") % _step_values(one, say) for one in more]
        return chained([start, *rest])


def _step_values(step: Step, say: Wording) -> dict[str, Any]:
    return {"percent": say.number(step.percent), "amount": say.price(step.spent)}


class FreeShipping(Effect):
    """No charge for shipping."""

    type: Literal["free_shipping"]

    label = gettext_lazy("Free shipping")
    meaning = "Takes the whole of the lines of kind `shipping` off."
    stage = Stage.PERCENT

    def lands_on(self, picked: Sequence[Line], every: Sequence[Line]) -> Sequence[Line]:  # noqa: ARG002
        """Take the shipping lines; the conditions pick what has to be bought."""
        return [line for line in every if line.kind == LineKind.SHIPPING]

    def percent_at(self, spent: Decimal) -> Decimal:  # noqa: ARG002
        """Return that all of it is taken off."""
        return ALL

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell that shipping is free."""
        return (Reason("free_shipping", {}),)

    def words(self, say: Wording) -> str:  # noqa: ARG002
        """Write "free shipping"."""
        return _("free shipping")


class FreeProduct(Effect):
    """Some units of an article for nothing."""

    type: Literal["free_product"]
    skus: Labels | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=UNITS_MAX)] = 1

    label = gettext_lazy("Free article")
    meaning = (
        "So many units are free, the cheapest first: of these articles, or of the lines that the "
        "conditions pick."
    )
    stage = Stage.UNIT

    @property
    def face(self) -> Decimal:
        """Return the number of units."""
        return Decimal(self.quantity)

    def lands_on(self, picked: Sequence[Line], every: Sequence[Line]) -> Sequence[Line]:
        """Take the articles that are named, also where the conditions ask for others."""
        if self.skus is None:
            return picked
        return [line for line in every if line.kind == LineKind.PRODUCT and line.sku in self.skus]

    def why(self, taken: Decimal, spent: Decimal) -> tuple[Reason, ...]:  # noqa: ARG002
        """Tell how many are free."""
        return (Reason("free_product", {"quantity": self.quantity}),)

    def words(self, say: Wording) -> str:
        """Write "1 of A1 or A2 free"."""
        count = say.number(self.quantity)
        if self.skus is None:
            sentence = ngettext(
                "%(n)s article free, the cheapest",
                "%(n)s articles free, the cheapest",
                self.quantity,
            )
            return sentence % {"n": count}
        return _("%(n)s of %(articles)s free") % {"n": count, "articles": say.either(self.skus)}


# A new kind of discount is a class here and a name in this list.
AnyEffect = PercentOff | AmountOff | MemberPrice | Scale | FreeShipping | FreeProduct
EFFECTS: dict[str, type[Effect]] = {
    "percent_off": PercentOff,
    "amount_off": AmountOff,
    "member_price": MemberPrice,
    "scale": Scale,
    "free_shipping": FreeShipping,
    "free_product": FreeProduct,
}
