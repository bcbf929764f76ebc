"""What one version of a benefit says: what it takes off, for whom, and when."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, ValidationError

from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Moment, Part
from loyalty.earning.vocabulary.rule import AnyCondition
from rewards.discounts.effects import AnyEffect

if TYPE_CHECKING:
    from core.program_files import Fault

CONDITIONS_MAX = 20
PRIORITY_MAX = 1_000


class Audience(StrEnum):
    """Whom a benefit is for."""

    MEMBERS = "members"
    EVERYONE = "everyone"
    BEARER_CARD = "bearer_card"


AUDIENCES = {
    Audience.MEMBERS: _("Members"),
    Audience.BEARER_CARD: _("Whoever shows a bearer card"),
    Audience.EVERYONE: _("Everyone, guests too"),
}


def _in_order(kinds: tuple[LineKind, ...]) -> tuple[LineKind, ...]:
    return tuple(kind for kind in LineKind if kind in kinds)


class BenefitSpec(Part):
    """One version of a benefit.

    ``kinds`` are the kinds of lines it is about: tips, fees and the sale of gift cards only where
    they are named.
    """

    effect: Annotated[AnyEffect, Field(discriminator="type")]
    audience: Audience = Audience.MEMBERS
    conditions: Annotated[
        tuple[Annotated[AnyCondition, Field(discriminator="type")], ...],
        Field(max_length=CONDITIONS_MAX),
    ] = ()
    kinds: Annotated[
        tuple[LineKind, ...], Field(min_length=1, max_length=6), AfterValidator(_in_order)
    ] = (LineKind.PRODUCT,)
    is_combinable: Annotated[bool, Field(strict=True)] = False
    priority: Annotated[int, Field(strict=True, ge=0, le=PRIORITY_MAX)] = 0
    ends_at: Moment | None = None


def parse_benefit(data: object) -> BenefitSpec:
    """Return what a version of a benefit says; raises pydantic's ``ValidationError``."""
    return BenefitSpec.model_validate(data)


def benefit_faults(data: object) -> list[Fault]:
    """Return everything that is wrong with one version of a benefit."""
    try:
        BenefitSpec.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def dump_benefit(spec: BenefitSpec) -> dict[str, Any]:
    """Return the benefit as plain JSON, the same for every spelling of the same benefit."""
    return spec.model_dump(mode="json", by_alias=True, exclude_none=True)
