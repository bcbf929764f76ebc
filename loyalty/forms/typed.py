"""Form fields made from the typed parts of a rule, so that a new condition needs no form.

Each field reads and gives back what stands in the rule's JSON; the vocabulary judges it.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from loyalty.earning.vocabulary.labels import FIELDS, value_label
from loyalty.earning.vocabulary.parts import LIST_MAX

Data = dict[str, Any]
Choices = Sequence[tuple[str, Any]]

BETWEEN = "__"  # between the steps to a field in the name that a form gives it
OTHERS = "others"  # names that are typed beside those to choose from
DEEPER = " › "  # between the steps of a category's path
NUMBER = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}
DECIMAL = NUMBER | {"inputmode": "decimal"}
MOMENT = "%Y-%m-%dT%H:%M"
OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")  # ends what a rule keeps, and nothing that is typed
# Names of which no others are typed, because all of them are known.
CLOSED = {"stores", "regions", "tiers", "groups", "name", "card", "challenge"}
NONE_YET = _("There are none yet.")
NOTHING: tuple[Any, ...] = (None, "", [])


class ExactField(forms.DecimalField):
    """A decimal that is told as text, as rules keep it."""

    widget = forms.TextInput(DECIMAL)

    def clean(self, value: Any) -> str | None:
        """Return the number without exponent."""
        number: Decimal | None = super().clean(value)
        return None if number is None else format(number, "f")


class DayField(forms.DateField):
    """A day that is told as 2026-07-06."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> str | None:
        """Return the day as text."""
        day: date | None = super().clean(value)
        return None if day is None else day.isoformat()


class ClockField(forms.TimeField):
    """A time of day that is told as 07:30."""

    widget = forms.TimeInput({"type": "time"}, format="%H:%M")

    def clean(self, value: Any) -> str | None:
        """Return the time as text."""
        clock: time | None = super().clean(value)
        return None if clock is None else f"{clock.hour:02}:{clock.minute:02}"


class MomentField(forms.DateTimeField):
    """A moment that is told with its offset, and shown on the clock of the page."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT)

    def clean(self, value: Any) -> str | None:
        """Return the moment as text."""
        moment: datetime | None = super().clean(value)
        return None if moment is None else moment.isoformat()

    def prepare_value(self, value: Any) -> Any:
        """Show what a rule keeps as the clock has it; what was typed stays as it is."""
        if isinstance(value, str) and OFFSET.search(value):
            return timezone.localtime(datetime.fromisoformat(value))
        return super().prepare_value(value)


class NamesField(forms.CharField):
    """Names, one on each line; what is below something else is written "Drinks › Coffee"."""

    widget = forms.Textarea({"rows": 2, "dir": "auto", "autocomplete": "off"})

    def clean(self, value: Any) -> list[Any]:
        """Return each line that says something, as a name or as a path."""
        lines = map(str.strip, super().clean(value).splitlines())
        return [_told(line) for line in lines if line][: LIST_MAX + 1]

    def prepare_value(self, value: Any) -> Any:
        """Write each name on a line of its own."""
        return "\n".join(map(written, value)) if isinstance(value, (list, tuple)) else value


def written(name: str | Sequence[str]) -> str:
    """Write a name, or the path of a category, on one line."""
    return name if isinstance(name, str) else DEEPER.join(name)


def _told(line: str) -> str | list[str]:
    steps = [step.strip() for step in line.split(DEEPER.strip())]
    return steps if len(steps) > 1 else line


@dataclass(frozen=True)
class PartFields:
    """The fields of one part of a rule, under names that begin with ``prefix``.

    ``scope`` is what the table of labels calls the part; ``known`` are names to choose from.
    """

    prefix: str
    scope: str
    kind: type[BaseModel]
    known: Mapping[str, Choices] = field(default_factory=dict)

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        """Return a form field for each field of the part, and more where names are typed."""
        for key, info in self._infos():
            name = self.named(key)
            part = _part_in(info)
            if part is not None:
                yield from self._below(key, part).fields()
            elif key in self.known and _is_one(info):
                yield name, _pick(FIELDS[f"{self.scope}.{key}"], self.known[key])
            elif key in self.known:
                yield name, _picks(FIELDS[f"{self.scope}.{key}"], self.known[key])
                if key not in CLOSED:
                    yield self.named(key, OTHERS), _others()
            else:
                yield name, _field(info, key, FIELDS[f"{self.scope}.{key}"])

    def names(self) -> list[str]:
        """Return the names of the form's fields, in their order."""
        return [name for name, _made in self.fields()]

    def shown(self, data: Mapping[str, Any]) -> Data:
        """Return what the form's fields show of this part."""
        shown: Data = {}
        for key, info in self._infos():
            part = _part_in(info)
            value = data.get(key)
            if part is not None:
                shown |= self._below(key, part).shown(value or {})
            elif key in self.known and not _is_one(info):
                names = {written(name): name for name in value or ()}
                listed = {choice for choice, _label in self.known[key]}
                shown[self.named(key)] = [text for text in names if text in listed]
                shown[self.named(key, OTHERS)] = [
                    name for text, name in names.items() if text not in listed
                ]
            elif value is not None:
                shown[self.named(key)] = value
        return shown

    def told(self, cleaned: Mapping[str, Any]) -> Data:
        """Return the part as JSON from what was typed; what was left blank is left out."""
        told: Data = {}
        for key, info in self._infos():
            part = _part_in(info)
            value = cleaned.get(self.named(key))
            if part is not None:
                value = self._below(key, part).told(cleaned) or None
            elif key in self.known and not _is_one(info):
                value = [*map(_told, value or ()), *cleaned.get(self.named(key, OTHERS), ())]
            if value not in NOTHING:
                told[key] = value
        return told

    def named(self, *steps: str) -> str:
        """Return the name of a form field."""
        return BETWEEN.join(filter(None, (self.prefix, *steps)))

    def _infos(self) -> Iterator[tuple[str, FieldInfo]]:
        for name, info in self.kind.model_fields.items():
            if name != "type":
                yield info.alias or name, info

    def _below(self, key: str, part: type[BaseModel]) -> PartFields:
        return PartFields(self.named(key), f"{self.scope}.{key}", part)


def _part_in(info: FieldInfo) -> type[BaseModel] | None:
    kind = info.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _is_one(info: FieldInfo) -> bool:
    """Say whether one name is chosen, and not several."""
    return _without_none(info.annotation)[0] is str


def plain_fields(
    kind: type[BaseModel], keys: Sequence[str], scope: str
) -> Iterator[tuple[str, forms.Field]]:
    """Return form fields for some fields of a part."""
    for key in keys:
        yield key, _field(kind.model_fields[key], key, FIELDS[f"{scope}.{key}"])


def _field(info: FieldInfo, key: str, label: Any) -> forms.Field:
    """Return the form field that suits a type."""
    kind, may_be_none = _without_none(info.annotation)
    common: Data = {"label": label, "required": False}
    values = _values(kind)
    if values:
        choices = [(value, value_label(key, value)) for value in values]
        blank = [("", "—")] if may_be_none else []
        initial = None if info.is_required() or may_be_none else info.default
        return forms.ChoiceField(choices=[*blank, *choices], initial=initial, **common)
    if get_origin(kind) is tuple:
        return _list_field(kind, key, common)
    if kind is bool:
        return forms.BooleanField(initial=info.default, **common)
    initial = None if info.is_required() else info.default
    return _SINGLE[kind](initial=initial, **common)


def _list_field(kind: Any, key: str, common: Data) -> forms.Field:
    values = _values(_bare(get_args(kind)[0]))
    if not values:
        return NamesField(help_text=_("One on each line."), **common)
    choices = [(value, value_label(key, value)) for value in values]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)


def _pick(label: Any, choices: Choices) -> forms.Field:
    return forms.ChoiceField(
        label=label,
        help_text="" if choices else NONE_YET,
        choices=[("", "—"), *choices],
        required=False,
    )


def _picks(label: Any, choices: Choices) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label,
        help_text="" if choices else NONE_YET,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _others() -> forms.Field:
    return NamesField(label=_("Others"), help_text=_("One on each line."), required=False)


def _whole_number(**common: Any) -> forms.Field:
    return forms.IntegerField(widget=forms.TextInput(NUMBER), **common)


def _exact(**common: Any) -> forms.Field:
    return ExactField(max_digits=16, decimal_places=6, **common)


def _line(**common: Any) -> forms.Field:
    return forms.CharField(
        max_length=120, widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}), **common
    )


_SINGLE: dict[Any, Callable[..., forms.Field]] = {
    int: _whole_number,
    Decimal: _exact,
    date: DayField,
    datetime: MomentField,
    time: ClockField,
    str: _line,
}


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return the type that is meant, and whether there may be no value."""
    annotation = _bare(annotation)
    if get_origin(annotation) not in (types.UnionType, Union):
        return annotation, False
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return _bare(parts[0]), True


def _bare(annotation: Any) -> Any:
    """Return the type without what is noted beside it."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    return annotation


def _values(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [str(value) for value in kind]
    return []
