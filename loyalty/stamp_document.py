"""The stamp cards of a program file, as typed data; docs/program-file.md tells more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.program_document import VERSIONS_MAX, Code, Moment, in_order
from loyalty.stamps.spec import StampCardSpec

CARDS_MAX = 100


class StampVersionPart(Part):
    """What a card asks for and gives from a moment on; without one, from when it is loaded."""

    effective_from: Moment | None = None
    spec: StampCardSpec


class StampCardPart(Part):
    """One stamp card with every version of it that counts at some time."""

    code: Code
    name: Label
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    versions: Annotated[
        tuple[StampVersionPart, ...],
        Field(min_length=1, max_length=VERSIONS_MAX),
        AfterValidator(in_order),
    ]


def _distinct_codes(cards: tuple[StampCardPart, ...]) -> tuple[StampCardPart, ...]:
    if len({card.code for card in cards}) < len(cards):
        raise fault("code_taken", _("Give each stamp card a code of its own."))
    return cards


class StampCards(RootModel[tuple[StampCardPart, ...]]):
    """All stamp cards of a program."""

    root: Annotated[
        tuple[StampCardPart, ...], Field(max_length=CARDS_MAX), AfterValidator(_distinct_codes)
    ]


def card_faults(data: object) -> list[Fault]:
    """Return what is wrong with the stamp cards of a file."""
    try:
        StampCards.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_cards(data: object) -> Sequence[StampCardPart]:
    """Return the stamp cards of a file that has no faults."""
    return StampCards.model_validate(data).root
