"""Rules as JSON: read with every fault named, written in one canonical form."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.errors import RuleInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.utils.functional import Promise
    from pydantic_core import ErrorDetails

    from core.program_files import Fault

_SENTENCES: dict[str, Promise] = {
    "model_type": _("Give an object with fields."),
    "model_attributes_type": _("Give an object with fields."),
    "missing": _("This is needed."),
    "extra_forbidden": _("There is no such field."),
    "union_tag_invalid": _("There is no such type."),
    "union_tag_not_found": _("Say which type this is."),
    "literal_error": _("This value is not one of the choices."),
    "enum": _("This value is not one of the choices."),
    "int_type": _("Write a whole number."),
    "bool_type": _("Write true or false."),
    "string_type": _("Write text here."),
    "tuple_type": _("Give a list."),
    "too_short": _("Give at least %(min_length)s."),
    "too_long": _("Give at most %(max_length)s."),
    "greater_than": _("This must be more than %(gt)s."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "less_than_equal": _("This must be at most %(le)s."),
}
_OTHERWISE = _("This value is not valid.")


def parse_rule(data: object) -> RuleVersionSpec:
    """Return the rule that the data describes, or refuse it and name every fault."""
    try:
        return RuleVersionSpec.model_validate(data)
    except ValidationError as error:
        raise RuleInvalid(errors=faults_of(error, data)) from error


def faults_of(error: ValidationError, data: object) -> list[Fault]:
    """Return every fault that was found in the data, with its field, code and sentence."""
    return list(_told(error.errors(include_url=False, include_input=False), data))


def dump_rule(spec: RuleVersionSpec) -> dict[str, Any]:
    """Return the rule as plain JSON, the same for every spelling of the same rule."""
    return spec.model_dump(mode="json", by_alias=True, exclude_none=True)


def _told(faults: Iterable[ErrorDetails], data: object) -> Iterator[Fault]:
    by_field = {_path(fault["loc"], data): fault for fault in faults}
    for field, fault in by_field.items():
        if not _is_echo(field, fault, by_field):
            code, message = _code_and_message(fault)
            yield {"field": field, "code": code, "message": message}


def _is_echo(field: str, fault: ErrorDetails, by_field: Mapping[str, ErrorDetails]) -> bool:
    """Say whether a list is only too short because pydantic left its faulty entries out."""
    return fault["type"] == "too_short" and any(other.startswith(f"{field}.") for other in by_field)


def _code_and_message(fault: ErrorDetails) -> tuple[str, str]:
    context = fault.get("ctx", {})
    if fault["type"] == "refused":
        return context["code"], str(context["sentence"])
    values = {name: _plain(value) for name, value in context.items()}
    sentence = str(_SENTENCES.get(fault["type"], _OTHERWISE))
    return fault["type"], sentence % values


def _plain(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _path(steps: Iterable[int | str], data: Any) -> str:
    """Name a field by the way to it in the data, without pydantic's names of union members."""
    way: list[str] = []
    for step in steps:
        if isinstance(step, int) and isinstance(data, (list, tuple)):
            way.append(str(step))
            data = data[step]
        elif isinstance(data, dict) and (step in data or data.get("type") != step):
            way.append(str(step)[:60])
            data = data.get(step)
    return ".".join(way)
