"""The part of a program file that sorts its rewards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Part, fault
from loyalty.program_document import Code
from rewards.catalog_document import words

CATEGORIES_MAX = 50
NAME_LENGTH_MAX = 80


def _name(text: str) -> str:
    line = words(text, NAME_LENGTH_MAX)
    if not line:
        raise fault("blank", _("Write something here."))
    return line


class CategoryPart(Part):
    """One category; their order in the file is the order of the shelves."""

    code: Code
    name: Annotated[str, AfterValidator(_name)]


def _distinct_codes(parts: tuple[CategoryPart, ...]) -> tuple[CategoryPart, ...]:
    if len({part.code for part in parts}) < len(parts):
        raise fault("code_taken", _("Give each category a code of its own."))
    return parts


class Categories(RootModel[tuple[CategoryPart, ...]]):
    """All categories of a program's rewards."""

    root: Annotated[
        tuple[CategoryPart, ...], Field(max_length=CATEGORIES_MAX), AfterValidator(_distinct_codes)
    ]


def category_faults(data: object) -> list[Fault]:
    """Return what is wrong with the categories of a file."""
    try:
        Categories.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_categories(data: Any) -> Sequence[CategoryPart]:
    """Return the categories of a file that has no faults."""
    return Categories.model_validate(data).root
