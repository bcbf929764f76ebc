"""The parts of a program file that loyalty owns, as typed data; docs/program-file.md tells more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    RootModel,
    ValidationError,
)

from core.codes import clean_slug
from core.errors import SlugInvalid
from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.program_settings import ProgramSettings

FORMAT = 1
RULES_MAX = 500
VERSIONS_MAX = 1000

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise fault("not_a_moment", _("Write a moment such as 2026-07-06T00:00:00+01:00."))


def moment(value: datetime) -> str:
    """Write a moment in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _slug(text: str) -> str:
    try:
        return clean_slug(text)
    except SlugInvalid as refusal:
        raise fault(refusal.code, refusal.sentence) from refusal


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise fault("code_invalid", _("Use 1 to 50 lower-case letters, digits, - and _."))
    return text


Moment = Annotated[
    datetime, BeforeValidator(_moment), PlainSerializer(moment, return_type=str, when_used="json")
]
Slug = Annotated[str, AfterValidator(_slug)]
Code = Annotated[str, AfterValidator(_code)]


class ProgramPart(Part):
    """The program itself."""

    slug: Slug
    name: Label
    status: Literal["draft", "live", "paused", "ended"] = "draft"
    is_open: Annotated[bool, Field(strict=True)] = True
    settings: ProgramSettings = ProgramSettings()


class HasMoment(Protocol):
    """Whatever counts from a moment on, perhaps one that is not said."""

    @property
    def effective_from(self) -> datetime | None:
        """Return that moment."""


VersionT = TypeVar("VersionT", bound=HasMoment)


class VersionPart(Part):
    """What a rule says from a moment on; without one, from the moment the file is loaded."""

    effective_from: Moment | None = None
    spec: RuleVersionSpec


def in_order(versions: tuple[VersionT, ...]) -> tuple[VersionT, ...]:
    """Refuse versions that do not follow one another."""
    *earlier, _last = [version.effective_from for version in versions]
    if None in earlier:
        raise fault("undated_version", _("Only the last version may leave its date out."))
    dated = [version.effective_from for version in versions if version.effective_from]
    if any(second <= first for first, second in pairwise(dated)):
        raise fault("versions_out_of_order", _("List the versions in the order of their dates."))
    return versions


class RulePart(Part):
    """One rule with every version of it that counts at some time."""

    code: Code
    name: Label
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    versions: Annotated[
        tuple[VersionPart, ...],
        Field(min_length=1, max_length=VERSIONS_MAX),
        AfterValidator(in_order),
    ]


def _distinct_codes(rules: tuple[RulePart, ...]) -> tuple[RulePart, ...]:
    if len({rule.code for rule in rules}) < len(rules):
        raise fault("code_taken", _("Give each rule a code of its own."))
    return rules


class Rules(RootModel[tuple[RulePart, ...]]):
    """All rules of a program."""

    root: Annotated[
        tuple[RulePart, ...], Field(max_length=RULES_MAX), AfterValidator(_distinct_codes)
    ]


def program_faults(data: object) -> list[Fault]:
    """Return what is wrong with the program's part of a file."""
    return _faults(ProgramPart, data)


def rule_faults(data: object) -> list[Fault]:
    """Return what is wrong with the rules of a file."""
    return _faults(Rules, data)


def read_program(data: object) -> ProgramPart:
    """Return the program's part of a file that has no faults."""
    return ProgramPart.model_validate(data)


def read_rules(data: object) -> Sequence[RulePart]:
    """Return the rules of a file that has no faults."""
    return Rules.model_validate(data).root


def _faults(kind: type[BaseModel], data: object) -> list[Fault]:
    try:
        kind.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []
