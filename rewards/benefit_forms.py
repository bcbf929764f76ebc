"""What is typed in the office about benefits; what a benefit may be, its spec says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.program_files import Fault
from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.vocabulary.labels import TYPES
from loyalty.earning.vocabulary.rule import CONDITIONS
from loyalty.forms.rules import SWITCH, Known, Option, Section, can_show, part_fields
from loyalty.forms.typed import BETWEEN, MOMENT, NUMBER, ExactField, MomentField, NamesField
from rewards.discounts.effects import EFFECTS, PRICES_MAX, STEPS_MAX, UNITS_MAX
from rewards.discounts.spec import AUDIENCES, PRIORITY_MAX, Audience

Data = dict[str, Any]

WINDOWS = (
    ("calendar_year", _("in the calendar year")),
    ("rolling", _("in the last months")),
    ("lifetime", _("ever")),
)
KINDS = (
    (LineKind.PRODUCT, _("Products")),
    (LineKind.SHIPPING, _("Shipping")),
    (LineKind.MEMBERSHIP, _("Memberships")),
    (LineKind.TIP, _("Tips")),
    (LineKind.FEE, _("Fees")),
    (LineKind.GIFT_CARD, _("Gift cards that are sold")),
)
# Which fields belong to which effect.
ASKED = {
    "percent_off": ("percent",),
    "amount_off": ("amount",),
    "member_price": ("prices",),
    "scale": ("steps", "window", "window_months"),
    "free_shipping": (),
    "free_product": ("skus", "quantity"),
}


class PairsField(forms.CharField):
    """Pairs, one on each line, such as ``latte = 2.50``."""

    widget = forms.Textarea({"rows": 3, "dir": "ltr", "autocomplete": "off"})

    def clean(self, value: Any) -> list[tuple[str, str]]:
        """Return what stands before and after each sign."""
        lines = [line.strip() for line in str(super().clean(value)).splitlines()]
        return [self._pair(line) for line in lines if line]

    def prepare_value(self, value: Any) -> Any:
        """Write each pair on a line of its own."""
        if isinstance(value, (list, tuple)):
            return "\n".join(f"{first} = {second}" for first, second in value)
        return value

    def _pair(self, line: str) -> tuple[str, str]:
        first, sign, second = (part.strip() for part in line.rpartition("="))
        if not (first and sign and second):
            raise forms.ValidationError(_("Write each line such as 100 = 5."), code="pairs")
        return first, second


class BenefitForm(KeyForm):
    """What a benefit says: what it takes off, for whom, on what, and when.

    ``spec`` is the version that is edited. Conditions that the form cannot show are ``kept``.
    """

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As receipts and members read it."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    counts_from = forms.DateTimeField(
        label=_("Counts from"),
        help_text=_("Leave it empty to count from now on."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    ends_at = MomentField(label=_("Counts until"), required=False)
    effect = forms.ChoiceField(
        label=_("Takes off"),
        choices=[(key, kind.label) for key, kind in EFFECTS.items()],
        initial="percent_off",
        widget=forms.RadioSelect(SWITCH),
    )
    percent = ExactField(label=_("Percent"), required=False, max_digits=5, decimal_places=2)
    amount = ExactField(label=_("Amount"), required=False, max_digits=9, decimal_places=3)
    prices = PairsField(
        label=_("Prices"),
        required=False,
        max_length=PRICES_MAX * 80,
        help_text=_("Article number and price, one on each line: latte = 2.50"),
    )
    steps = PairsField(
        label=_("Steps"),
        required=False,
        max_length=STEPS_MAX * 40,
        help_text=_("Spent so far and percent, one on each line: 100 = 5"),
    )
    window = forms.ChoiceField(label=_("What was spent"), choices=WINDOWS, required=False)
    window_months = forms.IntegerField(
        label=_("How many months"),
        required=False,
        min_value=1,
        max_value=120,
        widget=forms.TextInput(NUMBER),
    )
    skus = NamesField(
        label=_("Article numbers"),
        required=False,
        help_text=_("One on each line. Without any, the cheapest of what is chosen below."),
    )
    quantity = forms.IntegerField(
        label=_("How many"),
        required=False,
        min_value=1,
        max_value=UNITS_MAX,
        initial=1,
        widget=forms.TextInput(NUMBER),
    )
    audience = forms.ChoiceField(
        label=_("For"), choices=list(AUDIENCES.items()), initial=Audience.MEMBERS
    )
    kinds = forms.MultipleChoiceField(
        label=_("On lines of these kinds"),
        choices=KINDS,
        initial=[LineKind.PRODUCT],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_combinable = forms.BooleanField(
        label=_("Also together with other percentages and prices"), required=False
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        required=False,
        min_value=0,
        max_value=PRIORITY_MAX,
        initial=0,
        help_text=_("Of two that take the same off, the higher one is named."),
        widget=forms.TextInput(NUMBER),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        known: Known,
        spec: Data | None = None,
        is_dated: bool = False,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        choices = known.as_choices({**(spec or {}), "effect": {}})
        self._conditions = {
            key: part_fields("conditions", key, kind, choices) for key, kind in CONDITIONS.items()
        }
        self._index: list[str] = []
        shown, self.kept = self._shown(spec or {})
        super().__init__(data, initial=shown | dict(initial or {}))
        for part in self._conditions.values():
            box = forms.BooleanField(required=False, widget=forms.CheckboxInput(SWITCH))
            self.fields[part.prefix] = box
            self.fields.update(part.fields())
        if not is_dated:
            del self.fields["counts_from"]

    def _shown(self, spec: Data) -> tuple[Data, list[Data]]:
        """Return what the fields show of a benefit, and the conditions they cannot show."""
        plain = ("audience", "kinds", "is_combinable", "priority", "ends_at")
        shown = {key: spec[key] for key in plain if key in spec} | shown_effect(spec.get("effect"))
        kept: list[Data] = []
        for condition in spec.get("conditions", ()):
            part = self._conditions[condition["type"]]
            if part.prefix in shown or not can_show(part, condition):
                kept.append(condition)
            else:
                shown |= {part.prefix: True, **part.shown(condition)}
        return shown, kept

    # --- what was typed -----------------------------------------------------------------------

    def spec(self) -> Data:
        """Return the benefit as JSON, which its spec is to judge."""
        typed = self.cleaned_data
        chosen = [(key, part) for key, part in self._conditions.items() if typed.get(part.prefix)]
        self._index = [part.prefix for _key, part in chosen]
        told: Data = {
            "effect": self._effect(),
            "audience": typed.get("audience"),
            "conditions": [
                *({"type": key, **part.told(typed)} for key, part in chosen),
                *self.kept,
            ],
            "kinds": typed.get("kinds") or None,
            "is_combinable": bool(typed.get("is_combinable")),
            "priority": typed.get("priority") or 0,
            "ends_at": typed.get("ends_at"),
        }
        return {key: value for key, value in told.items() if value is not None}

    def _effect(self) -> Data:
        typed, kind = self.cleaned_data, self.cleaned_data.get("effect")
        told: Data = {"type": kind}
        if kind == "member_price":
            told["prices"] = [{"sku": sku, "price": price} for sku, price in typed["prices"]]
        elif kind == "scale":
            told["steps"] = [{"spent": spent, "percent": part} for spent, part in typed["steps"]]
            told["window"] = {"type": typed.get("window") or "calendar_year"}
            if typed.get("window") == "rolling":
                told["window"]["months"] = typed.get("window_months")
        else:
            told |= {key: typed[key] for key in ASKED.get(str(kind), ()) if typed.get(key)}
        return told

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the spec says beside the fields it says it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"].split(".")), fault["message"])

    def _field_of(self, steps: list[str]) -> str | None:
        if steps[0] == "effect":
            named = [step for step in steps[1:] if step in self.fields]
            asked = ASKED.get(str(self.cleaned_data.get("effect")), ())
            return named[0] if named else (asked[0] if asked else "effect")
        if steps[0] == "conditions" and len(steps) > 1 and int(steps[1]) < len(self._index):
            steps = [self._index[int(steps[1])], *steps[2:]]
        for end in range(len(steps), 0, -1):
            name = BETWEEN.join(steps[:end])
            if name in self.fields and not self.fields[name].widget.is_hidden:
                return name
        return None

    # --- how it stands on the page ------------------------------------------------------------

    def sections(self) -> list[Section]:
        """Return the form in the order in which a benefit is thought of."""
        on_lines = [key for key, kind in CONDITIONS.items() if issubclass(kind, LineCondition)]
        others = [key for key in CONDITIONS if key not in on_lines]
        rest = ["kinds", "is_combinable", "priority"]
        return [
            Section(_("Takes off"), self._effects(), errors=self["effect"].errors),
            Section(_("For whom"), fields=[self["audience"]]),
            Section(_("What"), self._boxes(on_lines)),
            Section(_("When"), self._boxes(others), is_open=self._is_used(others)),
            Section(_("With other discounts"), fields=[self[name] for name in rest], is_open=False),
        ]

    def _effects(self) -> list[Option]:
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                [self[name] for name in ASKED[radio.data["value"]]],
            )
            for radio in self["effect"]
        ]

    def _boxes(self, keys: Iterable[str]) -> list[Option]:
        return [
            Option(
                TYPES[key],
                self[self._conditions[key].prefix],
                [self[name] for name in self._conditions[key].names()],
            )
            for key in keys
        ]

    def _is_used(self, keys: Iterable[str]) -> bool:
        return any(self[self._conditions[key].prefix].value() for key in keys)


def shown_effect(effect: Data | None) -> Data:
    """Return what the fields show of an effect."""
    if effect is None:
        return {}
    shown = {"effect": effect["type"], **effect}
    if "prices" in effect:
        shown["prices"] = [(one["sku"], one["price"]) for one in effect["prices"]]
    if "steps" in effect:
        shown["steps"] = [(one["spent"], one["percent"]) for one in effect["steps"]]
        shown["window"] = effect["window"]["type"]
        shown["window_months"] = effect["window"].get("months")
    shown.pop("type")
    return shown


class BasketForm(forms.Form):
    """A basket on which a benefit is tried."""

    use_required_attribute = False

    basket = PairsField(
        label=_("Basket"),
        required=False,
        max_length=4000,
        help_text=_("Article and price, one on each line: latte = 3.40"),
    )
    store = forms.ChoiceField(label=_("Store"), required=False)
    spent = ExactField(
        label=_("Spent before"), required=False, max_digits=12, decimal_places=3, initial="0"
    )
    at = forms.DateTimeField(
        label=_("Moment"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(self, data: Any = None, *, stores: Any, now: datetime) -> None:
        first = {"basket": [("latte", "3.40"), ("cake", "4.20")], "at": now}
        super().__init__(data, prefix="try", initial=first)
        self.fields["store"].choices = stores  # type: ignore[attr-defined]

    def clean_basket(self) -> list[tuple[str, Decimal]]:
        """Return the articles with their amounts."""
        try:
            lines = [(sku, Decimal(amount)) for sku, amount in self.cleaned_data["basket"]]
        except ArithmeticError:
            raise forms.ValidationError(_("Write each price such as 3.40.")) from None
        if any(not amount.is_finite() or amount < 0 for _sku, amount in lines):
            raise forms.ValidationError(_("Write each price such as 3.40."))
        return lines
