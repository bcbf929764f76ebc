"""What is chosen to bring receipts in: the file, what its columns mean, and the store."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from loyalty.errors import MappingInvalid
from loyalty.forms.program import read_json
from loyalty.forms.typed import Choices
from loyalty.importing.mapping import ReceiptMapping, load_mapping, parse_mapping, preset_names

OWN = "own"
MAPPING_BYTES_MAX = 100_000
TABLES = ".csv,.gz,text/csv,application/gzip"


class ImportForm(KeyForm):
    """A file of receipts on its way in."""

    file = forms.FileField(
        label=_("Receipts"),
        help_text=_("A CSV file, plain or gzip, with one row for each line of a receipt."),
        widget=forms.ClearableFileInput({"accept": TABLES}),
    )
    mapping = forms.ChoiceField(label=_("What its columns mean"))
    mapping_file = forms.FileField(
        label=_("A mapping of your own"),
        help_text=_("A JSON file that says what each column means."),
        required=False,
        widget=forms.ClearableFileInput({"accept": ".json,application/json"}),
    )
    store = forms.ChoiceField(
        label=_("Store"),
        help_text=_("Needed when the file does not name its stores."),
        required=False,
    )
    products = forms.FileField(
        label=_("Products"),
        help_text=_("A second file that knows the articles, where the mapping speaks of one."),
        required=False,
        widget=forms.ClearableFileInput({"accept": TABLES}),
    )

    def __init__(self, *args: Any, stores: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        presets = [(name, name.replace("-", " ").capitalize()) for name in preset_names()]
        self.fields["mapping"].choices = [*presets, (OWN, _("A mapping of your own"))]  # type: ignore[attr-defined]
        self.fields["store"].choices = [("", "—"), *stores]  # type: ignore[attr-defined]

    def clean_mapping_file(self) -> Any:
        """Return what the mapping's file holds."""
        file = self.cleaned_data.get("mapping_file")
        if not file:
            return None
        if file.size > MAPPING_BYTES_MAX:
            raise forms.ValidationError(_("This file is too large for a mapping."))
        return read_json(file.read())

    def clean(self) -> dict[str, Any]:
        """Read the mapping, and say what is wrong with it field by field."""
        typed: dict[str, Any] = super().clean() or {}
        if "mapping" in typed and "mapping_file" in typed:
            typed["read_mapping"] = self._mapping(typed["mapping"], typed["mapping_file"])
        return typed

    def _mapping(self, name: str, own: Any) -> ReceiptMapping | None:
        if name != OWN:
            return load_mapping(name)
        if own is None:
            self.add_error("mapping_file", _("Choose the file with your mapping."))
            return None
        try:
            return parse_mapping(own)
        except MappingInvalid as refusal:
            faults = refusal.data["errors"]
            told = [f"{fault['field'] or 'mapping'}: {fault['message']}" for fault in faults]
            self.add_error("mapping_file", [str(refusal), *told])
            return None


class BalancesForm(KeyForm):
    """A file of balances on its way in."""

    file = forms.FileField(
        label=_("Balances"),
        help_text=_("A CSV file, plain or gzip, with one row for each sum of points."),
        widget=forms.ClearableFileInput({"accept": TABLES}),
    )
    program = forms.ChoiceField(label=_("Program"))
    unknown = forms.ChoiceField(
        label=_("Who is no member yet"),
        choices=[
            ("enroll", _("becomes one, by phone number or e-mail address")),
            ("refuse", _("is left out, and listed")),
        ],
        initial="enroll",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, programs: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]
        if len(programs) == 1:
            self.fields["program"].widget = forms.HiddenInput()
            self.initial.setdefault("program", programs[0][0])
