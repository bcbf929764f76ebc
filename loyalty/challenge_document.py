"""The challenges of a program file, as typed data; docs/program-file.md tells more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError

from core.program_files import Fault
from loyalty.challenges.spec import ChallengeSpec
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.program_document import VERSIONS_MAX, Code, Moment, in_order

CHALLENGES_MAX = 200


class ChallengeVersionPart(Part):
    """What a challenge says from a moment on; without one, from the moment the file is loaded."""

    effective_from: Moment | None = None
    spec: ChallengeSpec


class ChallengePart(Part):
    """One challenge with every version of it that counts at some time."""

    code: Code
    name: Label
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    versions: Annotated[
        tuple[ChallengeVersionPart, ...],
        Field(min_length=1, max_length=VERSIONS_MAX),
        AfterValidator(in_order),
    ]


def _distinct(challenges: tuple[ChallengePart, ...]) -> tuple[ChallengePart, ...]:
    if len({one.code for one in challenges}) < len(challenges):
        raise fault("code_taken", _("Give each challenge a code of its own."))
    return challenges


class Challenges(RootModel[tuple[ChallengePart, ...]]):
    """All challenges of a program."""

    root: Annotated[
        tuple[ChallengePart, ...], Field(max_length=CHALLENGES_MAX), AfterValidator(_distinct)
    ]


def challenge_faults(data: object) -> list[Fault]:
    """Return what is wrong with the challenges of a file."""
    try:
        Challenges.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_challenges(data: object) -> Sequence[ChallengePart]:
    """Return the challenges of a file that has no faults."""
    return Challenges.model_validate(data).root
