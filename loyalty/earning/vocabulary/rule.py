"""One version of a rule, put together from the vocabulary; nothing else is a rule."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.exact import Rounding
from loyalty.earning.vocabulary.conditions import Condition
from loyalty.earning.vocabulary.effects import (
    Effect,
    FixedPoints,
    Multiplier,
    PointsPerAmount,
    PointsPerUnit,
    Stage,
)
from loyalty.earning.vocabulary.expiry import Expiry
from loyalty.earning.vocabulary.limits import Limits, Stacking
from loyalty.earning.vocabulary.lines import BrandCondition, CategoryCondition, SkuCondition
from loyalty.earning.vocabulary.minimum import MinimumAmountCondition
from loyalty.earning.vocabulary.moment import DatesCondition, HoursCondition
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.earning.vocabulary.place import ChannelCondition, StoreCondition
from loyalty.earning.vocabulary.waiting import Waiting

# A new condition or effect is a class in its module and a name in one of these two lists.
AnyCondition = (
    StoreCondition
    | ChannelCondition
    | CategoryCondition
    | BrandCondition
    | SkuCondition
    | MinimumAmountCondition
    | DatesCondition
    | HoursCondition
)
AnyEffect = PointsPerAmount | PointsPerUnit | FixedPoints | Multiplier


class PurchaseTrigger(Part):
    """The rule is asked when a purchase is recorded."""

    type: Literal["purchase"]


class RuleVersionSpec(Part):
    """All that one version of a rule says; ``None`` for waiting and expiry is the program's."""

    trigger: PurchaseTrigger
    effect: Annotated[AnyEffect, Field(discriminator="type")]
    conditions: Annotated[
        tuple[Annotated[AnyCondition, Field(discriminator="type")], ...], Field(max_length=20)
    ] = ()
    rounding: Rounding = Rounding.DOWN
    limits: Limits = Limits()
    stacking: Stacking = Stacking()
    pending_days: Annotated[int, Field(strict=True, ge=0, le=366)] | None = None
    waits_for: Annotated[Waiting, Field(discriminator="type")] | None = None
    expires: Annotated[Expiry, Field(discriminator="type")] | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _stage_fits(self) -> Self:
        if self.stage not in self.effect.stages:
            raise fault("stage_does_not_fit", _("This effect does not work in this stage."))
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
