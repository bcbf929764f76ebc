"""The form of a rule, made from the vocabulary: whatever rules can say, it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from core.keyed_forms import KeyForm
from core.program_files import Fault
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.vocabulary.expiry import EXPIRY
from loyalty.earning.vocabulary.labels import TYPES
from loyalty.earning.vocabulary.limits import Limits, Stacking
from loyalty.earning.vocabulary.rule import CONDITIONS, EFFECTS, RuleVersionSpec
from loyalty.earning.vocabulary.triggers import TRIGGERS
from loyalty.earning.vocabulary.waiting import WAITING
from loyalty.forms.typed import (
    BETWEEN,
    CLOSED,
    DECIMAL,
    MOMENT,
    Choices,
    Data,
    PartFields,
    plain_fields,
)

NAME_LENGTH_MAX = 120
SINGLE = ("rounding", "carry", "pending_days", "ends_at", "label")
AS_PROGRAM = ("", _("As the program says"))
AS_PROGRAM_OR_DAYS = ("", _("As the program says, or after so many days"))
SWITCH = {"class": "form-check-input"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the organization has to choose from: stores, groups, tiers, categories and so on."""

    stores: Choices = ()
    regions: Choices = ()
    tiers: Choices = ()
    groups: Choices = ()
    attributes: Choices = ()
    categories: Choices = ()
    brands: Choices = ()
    cards: Choices = ()
    challenges: Choices = ()
    channels: Choices = (("store", _("In the shop")), ("online", _("Online")))

    def as_choices(self, data: Mapping[str, Any]) -> dict[str, Choices]:
        """Return the choices by the field they are for; what a rule names stays one of them."""
        closed = {
            "stores": self.stores,
            "regions": self.regions,
            "tiers": self.tiers,
            "groups": self.groups,
            "name": self.attributes,
            **({"card": self.cards} if self.cards else {}),
            **({"challenge": self.challenges} if self.challenges else {}),
        }
        parts = [*data.get("conditions", ()), data.get("effect", {})]
        return {
            **{key: [*known, *_gone(key, known, parts)] for key, known in closed.items()},
            "categories": self.categories,
            "brands": self.brands,
            "channels": self.channels,
        }


def _gone(key: str, known: Choices, parts: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield what these conditions name and there is no more, marked as such."""
    codes = {code for code, _label in known}
    for part in parts:
        named = part.get(key, ())
        for code in [named] if isinstance(named, str) else named:
            if code not in codes:
                codes.add(code)
                yield code, _("%(code)s, which does not exist") % {"code": code}


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be chosen, and what it asks for then."""

    title: str | Promise
    switch: Any
    fields: list[forms.BoundField]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form under one heading."""

    title: str | Promise
    options: list[Option] = field(default_factory=list)
    fields: list[forms.BoundField] = field(default_factory=list)
    errors: Iterable[Any] = ()
    is_open: bool = True


class RuleForm(KeyForm):
    """What a rule says: its effect, its conditions, its limits, and how it gets on with others.

    ``data_of_rule`` is the version that is edited. What of it the form cannot show is ``kept``
    and goes into the next version as it is.
    """

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As receipts and explanations show it."),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    counts_from = forms.DateTimeField(
        label=_("Counts from"),
        help_text=_("Leave it empty to count from now on."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
        known: Known,
        data_of_rule: Mapping[str, Any] | None = None,
        is_dated: bool = False,
    ) -> None:
        rule = data_of_rule or {}
        choices = known.as_choices(rule)
        self._effects = {
            key: part_fields("effect", key, kind, choices) for key, kind in EFFECTS.items()
        }
        self._triggers = {
            key: part_fields("trigger", key, kind, {}) for key, kind in TRIGGERS.items()
        }
        self._conditions = {
            key: part_fields("conditions", key, kind, choices) for key, kind in CONDITIONS.items()
        }
        self._expiry = {
            key: part_fields("expires", key, kind, choices) for key, kind in EXPIRY.items()
        }
        self._waiting = {
            key: part_fields("waits_for", key, kind, choices) for key, kind in WAITING.items()
        }
        self._limits = PartFields("limits", "limits", Limits)
        self._stacking = PartFields("stacking", "stacking", Stacking)
        self._index: list[str] = []
        shown, self.kept = self._shown(rule)
        super().__init__(data, initial=shown | dict(initial or {}))
        self.fields.update(self._made())
        if not is_dated:
            del self.fields["counts_from"]

    # --- what it asks for ---------------------------------------------------------------------

    def _made(self) -> Iterator[tuple[str, forms.Field]]:
        yield "trigger", _choice(TRIGGERS, is_needed=False)
        yield "effect", _choice(EFFECTS)
        yield "expires", _choice(EXPIRY, first=AS_PROGRAM)
        yield "waits_for", _choice(WAITING, first=AS_PROGRAM_OR_DAYS)
        for key in CONDITIONS:
            name = f"conditions{BETWEEN}{key}"
            yield name, forms.BooleanField(required=False, widget=forms.CheckboxInput(SWITCH))
        yield from plain_fields(RuleVersionSpec, SINGLE, "rule")
        for part in self._parts():
            yield from part.fields()

    def _parts(self) -> Iterator[PartFields]:
        every = (self._triggers, self._effects, self._conditions, self._expiry, self._waiting)
        yield from chain.from_iterable(parts.values() for parts in every)
        yield from (self._limits, self._stacking)

    def _chosen(self) -> dict[str, dict[str, PartFields]]:
        """Return the parts of which a rule has one, if any, by the field that says which."""
        return {
            "trigger": self._triggers,
            "effect": self._effects,
            "waits_for": self._waiting,
            "expires": self._expiry,
        }

    def _shown(self, rule: Mapping[str, Any]) -> tuple[Data, list[Data]]:
        """Return what the fields show of a rule, and the conditions they cannot show."""
        shown: Data = {key: rule[key] for key in SINGLE if key in rule}
        for name, parts in self._chosen().items():
            told = rule.get(name)
            if told is not None:
                shown |= {name: told["type"], **parts[told["type"]].shown(told)}
        shown |= self._limits.shown(rule.get("limits", {}))
        shown |= self._stacking.shown(rule.get("stacking", {}))
        kept: list[Data] = []
        for condition in rule.get("conditions", ()):
            part = self._conditions[condition["type"]]
            if part.prefix in shown or not can_show(part, condition):
                kept.append(condition)
            else:
                shown |= {part.prefix: True, **part.shown(condition)}
        return shown, kept

    # --- what was typed -----------------------------------------------------------------------

    def spec(self) -> Data:
        """Return the rule as JSON, which the vocabulary is to judge."""
        typed = self.cleaned_data
        chosen = [(key, part) for key, part in self._conditions.items() if typed.get(part.prefix)]
        self._index = [part.prefix for _key, part in chosen]
        conditions = [{"type": key, **part.told(typed)} for key, part in chosen]
        told = {
            "conditions": [*conditions, *self.kept],
            "limits": self._limits.told(typed),
            "stacking": self._stacking.told(typed),
            **{name: self._one_of(name, parts) for name, parts in self._chosen().items()},
            **{key: typed.get(key) for key in SINGLE},
        }
        told["trigger"] = told["trigger"] or {"type": "purchase"}
        return {key: value for key, value in told.items() if value not in (None, "")}

    def _one_of(self, name: str, parts: Mapping[str, PartFields]) -> Data | None:
        key = self.cleaned_data.get(name)
        return {"type": key, **parts[key].told(self.cleaned_data)} if key else None

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the vocabulary says beside the fields it says it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"]), fault["message"])

    def _field_of(self, path: str) -> str | None:
        steps = path.split(".")
        if steps[0] == "conditions" and len(steps) > 1:
            place = int(steps[1])
            if place >= len(self._index):
                return None
            steps = [self._index[place], *steps[2:]]
        elif steps[0] in self._chosen():
            steps = [steps[0], self.cleaned_data.get(steps[0]) or "", *steps[1:]]
        for end in range(len(steps), 0, -1):
            name = BETWEEN.join(step for step in steps[:end] if step)
            if name in self.fields and not self.fields[name].widget.is_hidden:
                return name
        return None

    # --- how it stands on the page ------------------------------------------------------------

    def sections(self) -> list[Section]:
        """Return the form in the order in which a rule is thought of."""
        on_lines = [key for key, kind in CONDITIONS.items() if issubclass(kind, LineCondition)]
        others = [key for key in CONDITIONS if key not in on_lines]
        limits, stacking = self._limits.names(), self._stacking.names()
        return [
            Section(
                _("For what"),
                self._radios("trigger", self._triggers),
                errors=self["trigger"].errors,
            ),
            Section(
                _("Gives"),
                self._radios("effect", self._effects),
                self._bound(["rounding", "carry"]),
                self["effect"].errors,
            ),
            Section(_("When"), self._boxes(others)),
            Section(_("What"), self._boxes(on_lines)),
            Section(_("At most"), fields=self._bound(limits), is_open=self._is_used(limits)),
            Section(
                _("When the points can be spent"),
                self._radios("waits_for", self._waiting, otherwise=["pending_days"]),
                is_open=self._is_used(["waits_for", "pending_days"]),
            ),
            Section(
                _("How long the points last"),
                self._radios("expires", self._expiry),
                is_open=self._is_used(["expires"]),
            ),
            Section(
                _("With other rules"),
                fields=self._bound([*stacking, "label"]),
                is_open=self._is_used([*stacking[:2], "label"]),
            ),
        ]

    def _boxes(self, keys: Sequence[str]) -> list[Option]:
        return [
            Option(TYPES[key], self[part.prefix], self._bound(part.names()))
            for key, part in self._conditions.items()
            if key in keys
        ]

    def _radios(
        self, name: str, parts: Mapping[str, PartFields], otherwise: Sequence[str] = ()
    ) -> list[Option]:
        """Return the choices with what they ask for, and with ``otherwise`` where none is made."""
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                self._bound(parts[key].names() if (key := radio.data["value"]) else otherwise),
            )
            for radio in self[name]
        ]

    def _bound(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def _is_used(self, names: Iterable[str]) -> bool:
        return any(self[name].value() or self[name].errors for name in names)


def part_fields(group: str, key: str, kind: Any, choices: Mapping[str, Choices]) -> PartFields:
    """Return the fields of one of several parts of which some are chosen."""
    known = {
        name: choices[name]
        for name in kind.model_fields
        if choices.get(name) or (name in choices and name in CLOSED)
    }
    return PartFields(f"{group}{BETWEEN}{key}", key, kind, known)


def _choice(
    kinds: Iterable[str], first: tuple[str, Any] | None = None, *, is_needed: bool = True
) -> forms.Field:
    choices = [*([first] if first else []), *((key, TYPES[key]) for key in kinds)]
    return forms.ChoiceField(
        choices=choices,
        required=first is None and is_needed,
        initial=choices[0][0],
        widget=forms.RadioSelect(SWITCH),
    )


def can_show(part: PartFields, condition: Mapping[str, Any]) -> bool:
    """Say whether the form would give back the same condition that it was shown."""
    shown = part.shown(condition)
    typed = {name: made.clean(made.prepare_value(shown.get(name))) for name, made in part.fields()}
    try:
        again = part.kind.model_validate({"type": condition["type"], **part.told(typed)})
    except (ValidationError, forms.ValidationError):
        return False
    return again == part.kind.model_validate(condition)


class TrialForm(forms.Form):
    """An imagined purchase on which a rule is tried."""

    use_required_attribute = False

    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.001"),
        max_digits=9,
        decimal_places=3,
        widget=forms.TextInput(DECIMAL),
    )
    at = forms.DateTimeField(
        label=_("Moment"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    store = forms.ChoiceField(label=_("Store"))

    def __init__(self, data: Any = None, *, stores: Choices, now: datetime) -> None:
        first = {"amount": "10", "at": now, "store": stores[0][0] if stores else None}
        super().__init__(data, prefix="try", initial=first)
        self.fields["store"].choices = stores  # type: ignore[attr-defined]


class StateForm(KeyForm):
    """The state that a rule is to have, and the moment from which or until which it counts."""

    counts_from = forms.DateTimeField(
        label=_("Counts from"),
        help_text=_("Leave it empty to count from now on."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    ends_at = forms.DateTimeField(
        label=_("Counts until"),
        help_text=_("Leave it empty to end it now and for good."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
