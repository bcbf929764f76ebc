"""What is typed on the pages of a program: its terms, and a file that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import TextNotAllowed
from core.keyed_forms import KeyForm
from core.program_files import Fault
from core.text import refuse_unstorable_in
from loyalty.earning.vocabulary.expiry import EXPIRY
from loyalty.earning.vocabulary.goal import Goal
from loyalty.earning.vocabulary.labels import FIELDS, TYPES
from loyalty.earning.vocabulary.paying import PayWithPoints
from loyalty.earning.vocabulary.waiting import WAITING
from loyalty.forms.rules import NAME_LENGTH_MAX, SWITCH, Option
from loyalty.forms.typed import BETWEEN, Data, PartFields, plain_fields
from loyalty.models import Program
from loyalty.program_settings import ProgramSettings

# Asked for in groups of their own.
APART = ("expiry", "waits_for", "pay_with_points", "goal", "levels")
TERMS = tuple(name for name in ProgramSettings.model_fields if name not in APART)
OPTIONAL = ("point_value", "proof_points_from")  # blank says that there is none
PAYING = PartFields("pay_with_points", "pay_with_points", PayWithPoints)
GOAL = PartFields("goal", "goal", Goal)
AFTER_DAYS = ("", _("At once, or after so many days"))
DAYS = "pending_days"
FILE_BYTES_MAX = 200_000


class TermsForm(KeyForm):
    """A program's name and terms, made from the typed settings."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As members read it."),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    is_open = forms.BooleanField(label=_("Every member takes part"), required=False)
    expiry = forms.ChoiceField(
        label=_("How long points last"),
        choices=[(key, TYPES[key]) for key in EXPIRY],
        widget=forms.RadioSelect(SWITCH),
    )

    waits_for = forms.ChoiceField(
        label=_("When points can be spent"),
        choices=[AFTER_DAYS, *((key, TYPES[key]) for key in WAITING)],
        required=False,
        widget=forms.RadioSelect(SWITCH),
    )

    def __init__(self, data: Any = None, *, program: Program, **kwargs: Any) -> None:
        self._expiry = {
            key: PartFields(f"expiry{BETWEEN}{key}", key, kind) for key, kind in EXPIRY.items()
        }
        self._waiting = {
            key: PartFields(f"waits_for{BETWEEN}{key}", key, kind) for key, kind in WAITING.items()
        }
        first = {"name": program.name, "is_open": program.is_open, **self._shown(program.terms)}
        super().__init__(data, initial=first | kwargs.pop("initial", {}), **kwargs)
        for part in (*self._expiry.values(), *self._waiting.values()):
            self.fields.update(part.fields())
        self.fields.update(plain_fields(ProgramSettings, TERMS, "settings"))
        for part in (PAYING, GOAL):
            self.fields[part.prefix] = forms.BooleanField(
                label=str(FIELDS[f"settings.{part.prefix}"]),
                required=False,
                widget=forms.CheckboxInput(SWITCH),
            )
            self.fields.update(part.fields())

    def _shown(self, terms: ProgramSettings) -> Data:
        data = terms.model_dump(mode="json", exclude_none=True)
        expiry: Mapping[str, Any] = data.pop("expiry")
        paying: Mapping[str, Any] = data.pop("pay_with_points", {})
        goal: Mapping[str, Any] = data.pop("goal", {})
        waiting: Mapping[str, Any] = data.pop("waits_for", {"type": ""})
        return {
            **data,
            "expiry": expiry["type"],
            **self._expiry[expiry["type"]].shown(expiry),
            "waits_for": waiting["type"],
            **(self._waiting[waiting["type"]].shown(waiting) if waiting["type"] else {}),
            "pay_with_points": bool(paying),
            **PAYING.shown(paying),
            "goal": bool(goal),
            **GOAL.shown(goal),
        }

    def settings(self) -> Data:
        """Return the terms as JSON, which the typed settings are to judge."""
        typed = self.cleaned_data
        kind = typed["expiry"]
        told = {name: typed.get(name) for name in TERMS if typed.get(name) not in (None, "")}
        none = {name: None for name in OPTIONAL if name not in told}
        switched = {
            part.prefix: part.told(typed) if typed[part.prefix] else None for part in (PAYING, GOAL)
        }
        expiry = {"type": kind, **self._expiry[kind].told(typed)}
        waits = typed["waits_for"]
        waiting = {"type": waits, **self._waiting[waits].told(typed)} if waits else None
        return {"expiry": expiry, "waits_for": waiting, **told, **none, **switched}

    def clean(self) -> Data:
        """Refuse a number that was taken out: every one of them is needed."""
        typed: Data = super().clean() or {}
        for name in TERMS:
            if typed.get(name, 0) is None and name not in OPTIONAL:
                self.add_error(name, _("This is needed."))
        return typed

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the settings say beside the fields they say it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"]), fault["message"])

    def _field_of(self, path: str) -> str | None:
        steps = path.removeprefix("program.").removeprefix("settings.").split(".")
        if steps[0] in ("expiry", "waits_for"):
            steps = [steps[0], self.cleaned_data[steps[0]], *steps[1:]]
        for end in range(len(steps), 0, -1):
            name = BETWEEN.join(steps[:end])
            if name in self.fields:
                return name
        return None

    def options(self) -> list[Option]:
        """Return the ways in which points may end, each with what it asks for."""
        return self._options("expiry", self._expiry)

    def ways_to_wait(self) -> list[Option]:
        """Return what points may wait for, each with what it asks for."""
        return self._options("waits_for", self._waiting)

    def _options(self, name: str, parts: Mapping[str, PartFields]) -> list[Option]:
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                [self[field] for field in (parts[key].names() if key else [DAYS])],
            )
            for radio in self[name]
            for key in [radio.data["value"]]
        ]

    def paying(self) -> Option:
        """Return the switch that lets points pay for purchases, and what it asks for."""
        return self._switched(PAYING)

    def aim(self) -> Option:
        """Return the switch of the program's goal, and what it asks for."""
        return self._switched(GOAL)

    def _switched(self, part: PartFields) -> Option:
        switch = self[part.prefix]
        return Option(switch.label, switch.as_widget(), [self[name] for name in part.names()])

    def others(self) -> Iterator[forms.BoundField]:
        """Return the other terms, in their order."""
        return (self[name] for name in TERMS if name != DAYS)


class FileForm(forms.Form):
    """A program file that somebody chose, to see first what it would change."""

    file = forms.FileField(
        label=_("Program file"),
        widget=forms.ClearableFileInput({"accept": ".json,application/json"}),
    )

    def clean_file(self) -> Any:
        """Return what the file holds, or say why it holds nothing."""
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES_MAX:
            raise forms.ValidationError(
                _("This file is too large to be sent here. Load it with manage.py load_program.")
            )
        return read_json(file.read())


class LoadForm(KeyForm):
    """A program file that was looked at, sent once more to be loaded."""

    document = forms.CharField(widget=forms.HiddenInput, max_length=2 * FILE_BYTES_MAX)

    def clean_document(self) -> Any:
        """Return the document."""
        return read_json(self.cleaned_data["document"])


def read_json(text: str | bytes) -> Any:
    """Return what JSON text holds, or refuse it."""
    try:
        value = json.loads(text)
        refuse_unstorable_in(value)
    except (ValueError, RecursionError):
        raise forms.ValidationError(_("This is no JSON file.")) from None
    except TextNotAllowed as refusal:
        raise forms.ValidationError(str(refusal)) from refusal
    return value
