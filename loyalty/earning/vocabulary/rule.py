"""One version of a rule, put together from the vocabulary; nothing else is a rule."""

from __future__ import annotations

from typing import Annotated, Self, get_args

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.exact import Rounding
from loyalty.earning.vocabulary.conditions import Condition
from loyalty.earning.vocabulary.earner import (
    AttributeCondition,
    BirthdayCondition,
    EarnerCondition,
    GroupCondition,
    TierCondition,
)
from loyalty.earning.vocabulary.effects import (
    Effect,
    FixedPoints,
    Multiplier,
    PointsPerAmount,
    PointsPerUnit,
    Stage,
)
from loyalty.earning.vocabulary.expiry import Expiry
from loyalty.earning.vocabulary.history import NthPurchaseCondition, VisitsCondition
from loyalty.earning.vocabulary.limits import Limits, Stacking
from loyalty.earning.vocabulary.lines import BrandCondition, CategoryCondition, SkuCondition
from loyalty.earning.vocabulary.minimum import MinimumAmountCondition, MinimumQuantityCondition
from loyalty.earning.vocabulary.moment import DatesCondition, HoursCondition
from loyalty.earning.vocabulary.parts import Label, Moment, Part, fault
from loyalty.earning.vocabulary.payment import PaymentMethodCondition
from loyalty.earning.vocabulary.place import ChannelCondition, RegionCondition, StoreCondition
from loyalty.earning.vocabulary.things import (
    ChallengeSteps,
    DrawTickets,
    Stamps,
    TierCredits,
    Vouchers,
)
from loyalty.earning.vocabulary.triggers import PurchaseTrigger, Trigger
from loyalty.earning.vocabulary.waiting import Waiting

# A new condition or effect is a class in its module and a name in one of these two lists.
AnyCondition = (
    StoreCondition
    | RegionCondition
    | ChannelCondition
    | CategoryCondition
    | BrandCondition
    | SkuCondition
    | MinimumAmountCondition
    | MinimumQuantityCondition
    | PaymentMethodCondition
    | DatesCondition
    | HoursCondition
    | TierCondition
    | GroupCondition
    | BirthdayCondition
    | AttributeCondition
    | NthPurchaseCondition
    | VisitsCondition
)
AnyEffect = (
    PointsPerAmount
    | PointsPerUnit
    | FixedPoints
    | Multiplier
    | Stamps
    | TierCredits
    | ChallengeSteps
    | Vouchers
    | DrawTickets
)

# What can be asked although nothing was bought.
OF_ACTIVITIES = (EarnerCondition, DatesCondition, HoursCondition)


class RuleVersionSpec(Part):
    """All that one version of a rule says; ``None`` for waiting and expiry is the program's."""

    trigger: Annotated[Trigger, Field(discriminator="type")]
    effect: Annotated[AnyEffect, Field(discriminator="type")]
    conditions: Annotated[
        tuple[Annotated[AnyCondition, Field(discriminator="type")], ...], Field(max_length=20)
    ] = ()
    rounding: Rounding = Rounding.DOWN
    carry: Annotated[bool, Field(strict=True)] = False
    limits: Limits = Limits()
    stacking: Stacking = Stacking()
    pending_days: Annotated[int, Field(strict=True, ge=0, le=366)] | None = None
    waits_for: Annotated[Waiting, Field(discriminator="type")] | None = None
    expires: Annotated[Expiry, Field(discriminator="type")] | None = None
    ends_at: Moment | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _stage_fits(self) -> Self:
        if self.stage not in self.effect.stages:
            raise fault("stage_does_not_fit", _("This effect does not work in this stage."))
        return self

    @model_validator(mode="after")
    def _carry_fits(self) -> Self:
        if self.carry and (self.effect.counts is None or self.rounding is not Rounding.DOWN):
            raise fault(
                "carry_does_not_fit",
                _("Only what counts by amount and is rounded down can be carried over."),
            )
        return self

    @model_validator(mode="after")
    def _activity_fits(self) -> Self:
        if isinstance(self.trigger, PurchaseTrigger):
            return self
        if not self.effect.is_fixed:
            raise fault(
                "activity_has_no_amount",
                _("An activity has no amount and no articles; give something once for it."),
            )
        if not all(isinstance(part, OF_ACTIVITIES) for part in self.conditions):
            raise fault(
                "condition_needs_a_purchase",
                _("An activity has only a time and a member to set conditions on."),
            )
        return self

    @property
    def stage(self) -> Stage:
        """Return the stage the rule counts in, the effect's usual one unless told otherwise."""
        return self.stacking.stage or self.effect.stages[0]


CONDITIONS: dict[str, type[Condition]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(AnyCondition)
}
EFFECTS: dict[str, type[Effect]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(AnyEffect)
}
