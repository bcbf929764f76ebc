"""Form fields for what an organization notes about its members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from members.attributes import NUMBER_MAX, TEXT_LENGTH_MAX, Attribute, Kind
from members.models import AttributeDefinition
from members.services.attributes import LABEL_LENGTH_MAX

PREFIX = "attribute__"
NAME_LENGTH_MAX = 50
UNKNOWN = ("", _("Not known"))
YES_OR_NO = (UNKNOWN, ("yes", _("Yes")), ("no", _("No")))


def attribute_fields(defined: Iterable[AttributeDefinition]) -> dict[str, forms.Field]:
    """Return a field for each attribute, under names of their own."""
    return {PREFIX + one.name: _MAKERS[Kind(one.kind)](one) for one in defined}


def attributes_known(
    defined: Iterable[AttributeDefinition], noted: Mapping[str, Attribute]
) -> dict[str, Any]:
    """Return what stands in the fields before anything is typed."""
    return {PREFIX + one.name: _shown(noted[one.name]) for one in defined if one.name in noted}


def attributes_typed(
    defined: Iterable[AttributeDefinition], cleaned: Mapping[str, Any]
) -> dict[str, Attribute | None]:
    """Return what was typed as the services take it; what is left blank is taken away."""
    return {one.name: _told(one, cleaned.get(PREFIX + one.name)) for one in defined}


def _shown(value: Attribute) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _told(one: AttributeDefinition, value: Any) -> Attribute | None:
    if value in (None, ""):
        return None
    if one.kind == Kind.YES_NO:
        return bool(value == "yes")
    if one.kind == Kind.DATE:
        return str(value.isoformat())
    if one.kind == Kind.NUMBER:
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _text(one: AttributeDefinition) -> forms.Field:
    return forms.CharField(
        label=one.label,
        max_length=TEXT_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )


def _number(one: AttributeDefinition) -> forms.Field:
    most = Decimal(NUMBER_MAX) - 1
    return forms.DecimalField(
        label=one.label,
        required=False,
        min_value=-most,
        max_value=most,
        max_digits=18,
        decimal_places=3,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"}),
    )


def _yes_no(one: AttributeDefinition) -> forms.Field:
    return forms.ChoiceField(label=one.label, required=False, choices=YES_OR_NO)


def _date(one: AttributeDefinition) -> forms.Field:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=one.label, required=False, widget=widget)


def _choice(one: AttributeDefinition) -> forms.Field:
    choices = [UNKNOWN, *((choice, choice) for choice in one.choices)]
    return forms.ChoiceField(label=one.label, required=False, choices=choices)


_MAKERS: dict[Kind, Callable[[AttributeDefinition], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
}


class AttributeForm(KeyForm):
    """What an attribute is called, who sees it, and its values when it is chosen from a list."""

    label = forms.CharField(
        label=_("Name"),
        help_text=_("As people in the office read it, such as Shoe size."),
        max_length=LABEL_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    audience = forms.ChoiceField(
        label=_("Who sees it"),
        choices=AttributeDefinition.Audience.choices,
        initial=AttributeDefinition.Audience.MANAGERS,
        widget=forms.RadioSelect,
    )
    choices = forms.CharField(
        label=_("The list to choose from"),
        help_text=_("One on each line. Only for one of a list."),
        required=False,
        widget=forms.Textarea({"rows": 4, "dir": "auto", "autocomplete": "off"}),
    )

    def clean_choices(self) -> list[str]:
        """Return each line that says something."""
        lines = map(str.strip, self.cleaned_data["choices"].splitlines())
        return [line for line in lines if line]


class NewAttributeForm(AttributeForm):
    """Something new that is noted of members."""

    name = forms.CharField(
        label=_("Short name"),
        help_text=_("For rules and shop systems, such as shoe_size; it stays."),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    kind = forms.ChoiceField(
        label=_("Type"),
        help_text=_("It stays as it is."),
        choices=AttributeDefinition.Kind.choices,
        initial=AttributeDefinition.Kind.TEXT,
    )
    field_order = ("label", "name", "kind", "choices", "audience")
