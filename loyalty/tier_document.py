"""The tiers of a program file, as typed data; docs/program-file.md tells more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Part
from loyalty.program_document import VERSIONS_MAX, Moment, in_order
from loyalty.tiers.spec import LadderSpec


class LadderVersionPart(Part):
    """What the tiers are from a moment on; without one, from when they are loaded."""

    effective_from: Moment | None = None
    spec: LadderSpec


def _in_order(versions: tuple[LadderVersionPart, ...]) -> tuple[LadderVersionPart, ...]:
    return in_order(versions) if versions else versions


class LadderPart(Part):
    """A program's ladder with every version of it that counts at some time, if it has one."""

    versions: Annotated[
        tuple[LadderVersionPart, ...],
        Field(max_length=VERSIONS_MAX),
        AfterValidator(_in_order),
    ]


def tier_faults(data: object) -> list[Fault]:
    """Return what is wrong with the tiers of a file."""
    try:
        LadderPart.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_tiers(data: object) -> Sequence[LadderVersionPart]:
    """Return the tiers of a file that has no faults."""
    return LadderPart.model_validate(data).versions
