"""The benefits of a program file, as typed data; docs/benefits.md tells what each part means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.program_document import VERSIONS_MAX, Code, Moment, in_order
from rewards.discounts.spec import BenefitSpec

SECTION = "benefits"
BENEFITS_MAX = 200


class BenefitVersionPart(Part):
    """What a benefit says from a moment on; without one, from when it is loaded."""

    effective_from: Moment | None = None
    spec: BenefitSpec


class BenefitPart(Part):
    """One benefit with every version of it that counts at some time."""

    code: Code
    name: Label
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    versions: Annotated[
        tuple[BenefitVersionPart, ...],
        Field(min_length=1, max_length=VERSIONS_MAX),
        AfterValidator(in_order),
    ]


def _distinct_codes(benefits: tuple[BenefitPart, ...]) -> tuple[BenefitPart, ...]:
    if len({benefit.code for benefit in benefits}) < len(benefits):
        raise fault("code_taken", _("Give each benefit a code of its own."))
    return benefits


class Benefits(RootModel[tuple[BenefitPart, ...]]):
    """All benefits of a program."""

    root: Annotated[
        tuple[BenefitPart, ...], Field(max_length=BENEFITS_MAX), AfterValidator(_distinct_codes)
    ]


def benefit_faults(data: object) -> list[Fault]:
    """Return what is wrong with the benefits of a file."""
    try:
        Benefits.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_benefits(data: object) -> Sequence[BenefitPart]:
    """Return the benefits of a file that has no faults."""
    return Benefits.model_validate(data).root
