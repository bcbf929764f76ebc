"""What is typed in the office about stamp cards; what a card may be, its document says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.program_files import Fault
from core.text import clean_line
from loyalty.forms.rules import SWITCH, Option
from loyalty.forms.typed import NUMBER, ExactField, NamesField
from loyalty.services.stamp_card_editing import EarnedBy
from loyalty.stamps.spec import MILESTONES_MAX, SIZE_MAX, SIZE_MIN

REASON_LENGTH_MAX = 200
ROWS_AT_LEAST = 2
MOMENT = "%Y-%m-%dT%H:%M"
GIFT_KEYS = ("reward", "points", "badge")
WAYS = (
    ("purchase", _("For each visit")),
    ("amount", _("For money spent")),
    ("unit", _("For each article of certain categories")),
)
Data = dict[str, Any]
Choices = Sequence[tuple[str, str]]


def whole_number(**options: Any) -> forms.IntegerField:
    """Return a field for a small number."""
    return forms.IntegerField(
        widget=forms.TextInput(NUMBER), **{"required": False, "min_value": 1} | options
    )


class StampCardForm(KeyForm):
    """A stamp card, new or changed; its rule is written with a new one."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"dir": "auto"}))
    size = whole_number(
        label=_("Stamps to fill it"), required=True, min_value=SIZE_MIN, max_value=SIZE_MAX
    )
    per = forms.ChoiceField(label=_("A stamp"), choices=WAYS, widget=forms.RadioSelect(SWITCH))
    amount = ExactField(
        label=_("How much for one stamp"),
        required=False,
        max_digits=9,
        decimal_places=3,
        help_text=_("What is left over counts with the next purchase."),
    )
    categories = NamesField(label=_("Categories"), required=False, help_text=_("One on each line."))
    per_day = whole_number(
        label=_("Most stamps in a day"), help_text=_("Leave it empty for no limit.")
    )
    months = whole_number(
        label=_("Months without a stamp after which it lapses"),
        max_value=120,
        help_text=_("Leave it empty and stamps never lapse."),
    )
    counts_from = forms.DateTimeField(
        label=_("Counts from"),
        required=False,
        help_text=_("Leave it empty to count from now on."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rewards: Choices,
        is_new: bool,
        is_dated: bool,
        spec: Data | None = None,
        **options: Any,
    ) -> None:
        known = shown_spec(spec) if spec else {}
        initial = {"per": "purchase", **known, **options.pop("initial", {})}
        super().__init__(data, initial=initial, **options)
        rows = max(ROWS_AT_LEAST, len((spec or {}).get("milestones", ())) + 1)
        self.rows = min(rows, MILESTONES_MAX)
        self.fields["reward"] = forms.MultipleChoiceField(
            label=_("Vouchers for"),
            choices=rewards,
            required=False,
            widget=forms.CheckboxSelectMultiple({"id": "id_rewards"}),
        )
        self._add_gifts("")
        for row in range(self.rows):
            self.fields[f"at_{row}"] = whole_number(label=_("With so many stamps already"))
            self.fields[f"reward_{row}"] = forms.ChoiceField(
                label=_("A voucher for"), choices=[("", "—"), *rewards], required=False
            )
            self._add_gifts(f"_{row}")
        for name in () if is_new else ("per", "amount", "categories"):
            del self.fields[name]
        if not is_dated:
            del self.fields["counts_from"]

    def _add_gifts(self, end: str) -> None:
        self.fields[f"points{end}"] = whole_number(label=_("Points"))
        self.fields[f"badge{end}"] = forms.CharField(
            label=_("A badge of this name"),
            required=False,
            max_length=64,
            widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
        )

    # --- what was typed -----------------------------------------------------------------------

    def spec(self) -> Data:
        """Return the card as JSON, which the document is to judge."""
        typed = self.cleaned_data
        told: Data = {"size": typed.get("size"), "gifts": self._gifts("")}
        milestones = [
            {"at": typed.get(f"at_{row}"), "gifts": gifts}
            for row in range(self.rows)
            if (gifts := self._gifts(f"_{row}")) or typed.get(f"at_{row}")
        ]
        if milestones:
            told["milestones"] = milestones
        told |= {name: typed[name] for name in ("per_day", "months") if typed.get(name)}
        return told

    def earned_by(self) -> EarnedBy | None:
        """Return what a stamp is given for, where a new card asks for it."""
        per = self.cleaned_data.get("per")
        if per is None:
            return None
        return EarnedBy(
            per=per,
            amount=self.cleaned_data.get("amount") if per == "amount" else None,
            categories=self.cleaned_data.get("categories") or () if per == "unit" else (),
        )

    def _gifts(self, end: str) -> list[Data]:
        typed = self.cleaned_data
        chosen = typed.get(f"reward{end}") or []
        codes = [chosen] if isinstance(chosen, str) else chosen
        gifts: list[Data] = [{"type": "voucher", "reward": code} for code in codes]
        if typed.get(f"points{end}"):
            gifts.append({"type": "points", "points": typed[f"points{end}"]})
        if typed.get(f"badge{end}"):
            gifts.append({"type": "badge", "badge": typed[f"badge{end}"]})
        return gifts

    def clean(self) -> Data:
        """Ask for the amount or the categories of which a stamp is to be given."""
        typed = self.cleaned_data
        if typed.get("per") == "amount" and not typed.get("amount"):
            self._needs("amount")
        if typed.get("per") == "unit" and not typed.get("categories"):
            self._needs("categories")
        return typed

    def _needs(self, name: str) -> None:
        if name not in self.errors:
            self.add_error(name, forms.ValidationError(_("This is needed."), code="missing"))

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the document says beside the fields it says it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"]), fault["message"])

    def _field_of(self, path: str) -> str | None:
        steps = path.split(".")
        if steps[0] == "gifts":
            return "reward"
        if steps[0] == "milestones":
            return self._in_milestones(steps[1:])
        return steps[0] if steps[0] in self.fields else None

    def _in_milestones(self, steps: Sequence[str]) -> str:
        filled = [
            row
            for row in range(self.rows)
            if self._gifts(f"_{row}") or self.cleaned_data.get(f"at_{row}")
        ]
        row = filled[int(steps[0])] if steps and int(steps[0]) < len(filled) else 0
        return f"reward_{row}" if "gifts" in steps else f"at_{row}"

    # --- how it stands on the page ------------------------------------------------------------

    @property
    def ways(self) -> list[Option]:
        """Return for what a stamp can be given, each with what it asks for."""
        asked = {"amount": ["amount"], "unit": ["categories"]}
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                [self[name] for name in asked.get(radio.data["value"], ())],
            )
            for radio in self["per"]
        ]

    @property
    def gifts(self) -> list[forms.BoundField]:
        """Return what a full card gives."""
        return [self[name] for name in GIFT_KEYS]

    @property
    def milestones(self) -> list[list[forms.BoundField]]:
        """Return what is given on the way, place by place."""
        return [
            [self[f"at_{row}"], *(self[f"{name}_{row}"] for name in GIFT_KEYS)]
            for row in range(self.rows)
        ]

    @property
    def has_milestones(self) -> bool:
        """Say whether anything is given on the way."""
        return any(field.value() or field.errors for row in self.milestones for field in row)


def shown_spec(spec: Data) -> Data:
    """Return what the form's fields show of a card."""
    shown = {name: spec.get(name) for name in ("size", "per_day", "months")}
    shown |= _shown_gifts(spec["gifts"], "")
    for row, milestone in enumerate(spec.get("milestones", ())):
        shown[f"at_{row}"] = milestone["at"]
        shown |= _shown_gifts(milestone["gifts"], f"_{row}")
    return shown


def can_show(spec: Data) -> bool:
    """Say whether the form would give back all of what it was shown."""
    on_the_way = [one["gifts"] for one in spec.get("milestones", ())]
    return _count(spec["gifts"], "badge") <= 1 and all(
        _count(gifts, kind) <= 1 for gifts in on_the_way for kind in ("badge", "voucher")
    )


def _count(gifts: Iterable[Data], kind: str) -> int:
    return sum(gift["type"] == kind for gift in gifts)


def _shown_gifts(gifts: Iterable[Data], end: str) -> Data:
    every = list(gifts)
    codes = [gift["reward"] for gift in every if gift["type"] == "voucher"]
    shown: Data = {f"reward{end}": "".join(codes[:1]) if end else codes}
    for gift in every:
        if gift["type"] != "voucher":
            shown[f"{gift['type']}{end}"] = gift[gift["type"]]
    return shown


class StampsByHandForm(KeyForm):
    """Stamps that are given or taken by hand."""

    card = forms.ChoiceField(label=_("Stamp card"))
    stamps = forms.IntegerField(
        label=_("Stamps"),
        min_value=-SIZE_MAX,
        max_value=SIZE_MAX,
        help_text=_("With a minus they are taken off the open card."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def __init__(self, *args: Any, cards: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["card"].choices = cards  # type: ignore[attr-defined]

    def clean_reason(self) -> str:
        """Return the reason as one line."""
        return clean_line(self.cleaned_data["reason"], max_length=REASON_LENGTH_MAX)
