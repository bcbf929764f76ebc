"""One version of a challenge as typed data; nothing else is a challenge."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, ValidationError, model_validator

from loyalty.challenges.periods import AnyPeriod
from loyalty.challenges.targets import AnyTarget
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.earning.vocabulary.rule import AnyCondition
from loyalty.errors import ChallengeInvalid
from loyalty.gifts import AnyGift, PointsGift

GIFTS_MAX = 10
CONDITIONS_MAX = 20


class ChallengeSpec(Part):
    """All that one version of a challenge says."""

    target: Annotated[AnyTarget, Field(discriminator="type")]
    period: Annotated[AnyPeriod, Field(discriminator="type")]
    conditions: Annotated[
        tuple[Annotated[AnyCondition, Field(discriminator="type")], ...],
        Field(max_length=CONDITIONS_MAX),
    ] = ()
    joining: Literal["automatic", "opt_in"] = "automatic"
    gifts: Annotated[tuple[AnyGift, ...], Field(max_length=GIFTS_MAX)] = ()
    returns: Literal["undo", "keep"] = "undo"
    description: Label | None = None

    @model_validator(mode="after")
    def _joining_fits(self) -> Self:
        if self.period.needs_joining and self.joining != "opt_in":
            raise fault(
                "joining_needed", _("What runs from joining on can only begin by being joined.")
            )
        return self

    @model_validator(mode="after")
    def _conditions_fit(self) -> Self:
        if self.conditions and not self.target.is_bought:
            raise fault(
                "condition_needs_a_purchase",
                _("Only what is bought can be narrowed by conditions."),
            )
        return self

    @model_validator(mode="after")
    def _gifts_differ(self) -> Self:
        named = [gift for gift in self.gifts if not isinstance(gift, PointsGift)]
        if len(set(named)) < len(named):
            raise fault("gift_twice", _("Name each thing only once."))
        return self

    @property
    def is_opt_in(self) -> bool:
        """Say whether only those take part who want to."""
        return self.joining == "opt_in"


def parse_challenge(data: object) -> ChallengeSpec:
    """Return the challenge that the data describes, or refuse it and name every fault."""
    try:
        return ChallengeSpec.model_validate(data)
    except ValidationError as error:
        raise ChallengeInvalid(errors=faults_of(error, data)) from error


def dump_challenge(spec: ChallengeSpec) -> dict[str, Any]:
    """Return the challenge as plain JSON, the same for every spelling of the same challenge."""
    return spec.model_dump(mode="json", by_alias=True, exclude_none=True)
