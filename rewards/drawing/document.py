"""The prize draws of a program file, as typed data; docs/program-file.md tells more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError, ValidationInfo

from core.errors import InvalidInput
from core.program_files import Fault
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.program_document import Code, Moment

DRAWS_MAX = 200
PRIZES_MAX = 20
PIECES_MAX = 1_000
ALTERNATES_MAX = 200
TICKETS_MAX = 1_000_000
GROUPS_MAX = 20
DRAWS_BACK_MAX = 50
DESCRIPTION_LENGTH_MAX = 300
TERMS_LENGTH_MAX = 2_000
SOURCE_LENGTH_MAX = 200


def _line(length_max: int) -> AfterValidator:
    def clean(text: str) -> str:
        try:
            return clean_line(text, max_length=length_max)
        except InvalidInput as refusal:
            raise fault(refusal.code, refusal.message) from refusal

    return AfterValidator(clean)


def _after_opening(closes_at: datetime, info: ValidationInfo) -> datetime:
    opens_at = info.data.get("opens_at")
    if opens_at is not None and closes_at <= opens_at:
        raise fault("closes_too_early", _("Let the draw close after it opens."))
    return closes_at


class PrizePart(Part):
    """So many pieces of one reward of the catalog."""

    reward: Code
    count: Annotated[int, Field(strict=True, ge=1, le=PIECES_MAX)] = 1


def _not_too_many(prizes: tuple[PrizePart, ...]) -> tuple[PrizePart, ...]:
    if sum(prize.count for prize in prizes) > PIECES_MAX:
        raise fault("too_many_prizes", _("There can be 1,000 prizes in all."))
    return prizes


class DrawPart(Part):
    """One draw; without ``opens_at`` tickets count from the moment on at which it is opened."""

    code: Code
    name: Label
    description: Annotated[str, _line(DESCRIPTION_LENGTH_MAX)] = ""
    terms: Annotated[str, _line(TERMS_LENGTH_MAX)] = ""
    opens_at: Moment | None = None
    closes_at: Annotated[Moment, AfterValidator(_after_opening)]
    prizes: Annotated[
        tuple[PrizePart, ...],
        Field(min_length=1, max_length=PRIZES_MAX),
        AfterValidator(_not_too_many),
    ]
    alternates: Annotated[int, Field(strict=True, ge=0, le=ALTERNATES_MAX)] = 0
    tickets_per_member: Annotated[int, Field(strict=True, ge=1, le=TICKETS_MAX)] | None = None
    wins_once: Annotated[bool, Field(strict=True)] = True
    leaves_out_staff: Annotated[bool, Field(strict=True)] = True
    groups_out: Annotated[tuple[Code, ...], Field(max_length=GROUPS_MAX)] = ()
    winners_out_of: Annotated[int, Field(strict=True, ge=0, le=DRAWS_BACK_MAX)] = 0
    public_source: Annotated[str, _line(SOURCE_LENGTH_MAX)] = ""


def _distinct(draws: tuple[DrawPart, ...]) -> tuple[DrawPart, ...]:
    if len({one.code for one in draws}) < len(draws):
        raise fault("code_taken", _("Give each draw a code of its own."))
    return draws


class Draws(RootModel[tuple[DrawPart, ...]]):
    """All draws of a program."""

    root: Annotated[tuple[DrawPart, ...], Field(max_length=DRAWS_MAX), AfterValidator(_distinct)]


def draw_faults(data: object) -> list[Fault]:
    """Return what is wrong with the draws of a file."""
    try:
        Draws.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_draws(data: Any) -> Sequence[DrawPart]:
    """Return the draws of a file that has no faults."""
    return Draws.model_validate(data).root
