"""What is typed in the office about tiers; what a ladder may be, its document says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core.days import start_of_day
from core.keyed_forms import KeyForm
from core.program_files import Fault
from core.text import clean_line
from loyalty.forms.typed import NUMBER, ExactField
from loyalty.tiers.spec import LISTED_MAX, TIERS_MAX
from loyalty.tiers.windows import A_DAY

REASON_LENGTH_MAX = 200
ROWS_AT_LEAST = 3
CODE_LENGTH_MAX = 40
MOMENT = "%Y-%m-%dT%H:%M"
Data = dict[str, Any]
Choices = Sequence[tuple[str, str]]

BASES = (
    ("spend", _("What is spent")),
    ("points", _("Points that rules give")),
    ("visits", _("Days with a purchase")),
    ("credits", _("Credits that rules give")),
)
WINDOWS = (
    ("calendar_year", _("In the calendar year")),
    ("rolling", _("In the last so many months")),
    ("membership_year", _("In the year since joining")),
    ("lifetime", _("Since joining")),
)
ROUNDINGS = (
    ("", _("Not rounded up")),
    ("month", _("To the end of the month")),
    ("quarter", _("To the end of the quarter")),
    ("year", _("To the end of the year")),
    ("membership_year", _("To the end of the year since joining")),
)
DOWNGRADES = (
    ("full", _("The tier goes to what was earned")),
    ("one_level", _("The tier goes one down")),
    ("none", _("The tier stays")),
)
RETURNS = (
    ("now", _("The tier may go at once")),
    ("at_period_end", _("The tier stays until its end")),
    ("never", _("It counts all the same")),
)
COUNTS = (
    ("before", _("Of the tier held before it")),
    ("after", _("Of the tier it reaches")),
)
KINDS = (
    ("earned", _("Earned")),
    ("invitation", _("By invitation")),
    ("paid", _("Bought as a membership")),
)
TIER_KEYS = ("name", "kind", "threshold", "sku", "months", "is_lifetime")
BENEFIT_KEYS = (
    "multiplier",
    "percent_off",
    "free_shipping",
    "points",
    "badge",
    "reward",
    "service",
)
KEPT_KEYS = ("rewards",)  # only a program file can set them


def whole(label: Any, **options: Any) -> forms.IntegerField:
    """Return a field for a small number."""
    return forms.IntegerField(
        label=label,
        widget=forms.TextInput(NUMBER),
        **{"required": False, "min_value": 1, "max_value": 120} | options,
    )


class LadderForm(KeyForm):
    """The ladder of a program, new or changed: how tiers are reached and kept, and each of them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False)
    basis = forms.ChoiceField(label=_("What counts"), choices=BASES)
    window = forms.ChoiceField(label=_("When it counts"), choices=WINDOWS)
    window_months = whole(_("How many months"), help_text=_("For the last so many months."))
    forever = forms.BooleanField(label=_("A tier holds for good"), required=False)
    months = whole(_("Months for which a tier holds"), min_value=0)
    round_up = forms.ChoiceField(label=_("Rounded up"), choices=ROUNDINGS, required=False)
    downgrade = forms.ChoiceField(label=_("When it was not earned again"), choices=DOWNGRADES)
    grace_days = whole(
        _("Days of grace"),
        min_value=0,
        max_value=365,
        help_text=_("The tier is kept for so long after its end, and can still be earned again."),
    )
    returns = forms.ChoiceField(label=_("When goods come back"), choices=RETURNS)
    counts = forms.ChoiceField(label=_("A purchase has the benefits"), choices=COUNTS)
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
        spec: Data | None = None,
        **options: Any,
    ) -> None:
        self.known: list[Data] = list((spec or {}).get("tiers", ()))
        initial = {**shown_spec(spec or {}), **options.pop("initial", {})}
        super().__init__(data, initial=initial, **options)
        self.row_count = self._rows(data)
        self.initial["rows"] = self.row_count
        for row in range(self.row_count):
            self._add_tier(row, rewards)

    def _rows(self, data: Mapping[str, Any] | None) -> int:
        asked = str(data.get("rows", "")) if data is not None else ""
        wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 0
        return min(max(wanted, len(self.known) + 1, ROWS_AT_LEAST), TIERS_MAX)

    def _add_tier(self, row: int, rewards: Choices) -> None:
        fields: dict[str, forms.Field] = {
            "code": forms.SlugField(widget=forms.HiddenInput, required=False, max_length=50),
            "name": forms.CharField(
                label=_("Name"),
                required=False,
                max_length=120,
                widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
            ),
            "kind": forms.ChoiceField(
                label=_("How members come to it"), choices=KINDS, required=False, initial="earned"
            ),
            "threshold": ExactField(
                label=_("From how much on"), required=False, max_digits=12, decimal_places=3
            ),
            "sku": forms.CharField(
                label=_("Article of the membership"),
                required=False,
                max_length=64,
                widget=forms.TextInput({"dir": "ltr", "autocomplete": "off"}),
            ),
            "months": whole(_("Months of a membership")),
            "is_lifetime": forms.BooleanField(label=_("Once reached, for good"), required=False),
            "multiplier": ExactField(
                label=_("Times the points"), required=False, max_digits=5, decimal_places=2
            ),
            "percent_off": ExactField(
                label=_("Percent off every purchase"),
                required=False,
                max_digits=5,
                decimal_places=2,
            ),
            "free_shipping": forms.BooleanField(label=_("Free shipping"), required=False),
            "points": whole(_("Points on reaching it"), max_value=1_000_000),
            "badge": forms.CharField(
                label=_("A badge of this name"),
                required=False,
                max_length=64,
                widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
            ),
            "reward": forms.ChoiceField(
                label=_("A voucher for"), choices=[("", "—"), *rewards], required=False
            ),
            "service": forms.CharField(
                label=_("Personal service"),
                required=False,
                max_length=1_000,
                help_text=_("One promise on each line."),
                widget=forms.Textarea({"rows": 2, "dir": "auto"}),
            ),
        }
        for name, field in fields.items():
            self.fields[f"{name}_{row}"] = field

    # --- what was typed -----------------------------------------------------------------------

    def spec(self) -> Data:
        """Return the ladder as JSON, which the document is to judge."""
        typed = self.cleaned_data
        window: Data = {"type": typed.get("window")}
        if typed.get("window") == "rolling":
            window["months"] = typed.get("window_months")
        valid: Data = {"type": "forever"}
        if not typed.get("forever"):
            valid = {"type": "months", "months": typed.get("months") or 0}
            valid |= {"round_up": typed["round_up"]} if typed.get("round_up") else {}
        kept = ("basis", "downgrade", "returns", "counts")
        return {
            **{name: typed.get(name) for name in kept},
            "window": window,
            "valid": valid,
            "grace_days": typed.get("grace_days") or 0,
            "tiers": [self._tier(row) for row in self._in_order()],
        }

    def _in_order(self) -> list[int]:
        """Return the rows that say something: earned tiers rise, the others keep their places."""
        filled = [row for row in range(self.row_count) if self._typed("name", row)]
        earned = [row for row in filled if self._typed("kind", row) in ("", "earned")]
        rising = iter(
            sorted(earned, key=lambda row: Decimal(str(self._typed("threshold", row) or 0)))
        )
        return [next(rising) if row in earned else row for row in filled]

    def _typed(self, name: str, row: int) -> Any:
        return self.cleaned_data.get(f"{name}_{row}") or ""

    def _tier(self, row: int) -> Data:
        kind = self._typed("kind", row) or "earned"
        asked = {"earned": ("threshold",), "paid": ("sku", "months")}.get(kind, ())
        told: Data = {"code": self._code(row), "name": self._typed("name", row), "kind": kind}
        for name in asked:
            value = self._typed(name, row)
            if value != "":
                told[name] = str(value) if name == "threshold" else value
        if kind == "earned" and self._typed("is_lifetime", row):
            told["is_lifetime"] = True
        return told | {"benefits": self._benefits(row)}

    def _code(self, row: int) -> str:
        known = self._typed("code", row)
        if known:
            return str(known)
        taken = {self._typed("code", other) for other in range(self.row_count)}
        taken |= {self._code(other) for other in range(row) if self._typed("name", other)}
        stem = slugify(self._typed("name", row))[:CODE_LENGTH_MAX].strip("-_") or "tier"
        numbered = (f"{stem}-{number}" for number in range(2, TIERS_MAX + 2))
        return next(code for code in (stem, *numbered) if code not in taken)

    def _benefits(self, row: int) -> Data:
        known: Data = next(
            (one.get("benefits", {}) for one in self.known if one["code"] == self._code(row)), {}
        )
        told: Data = {name: known[name] for name in KEPT_KEYS if name in known}
        if self._typed("multiplier", row):
            told["multiplier"] = str(self._typed("multiplier", row))
        if self._typed("percent_off", row):
            told["percent_off"] = str(self._typed("percent_off", row))
        if self._typed("free_shipping", row):
            told["free_shipping"] = True
        gifts: list[Data] = []
        for kind, key, name in (
            ("points", "points", "points"),
            ("badge", "badge", "badge"),
            ("voucher", "reward", "reward"),
        ):
            if self._typed(name, row):
                gifts.append({"type": kind, key: self._typed(name, row)})
        service = [line.strip() for line in str(self._typed("service", row)).splitlines()]
        told |= {"gifts": gifts} if gifts else {}
        return told | {"service": [line for line in service if line][:LISTED_MAX]}

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the document says beside the fields it says it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"].split(".")), fault["message"])

    def _field_of(self, steps: Sequence[str]) -> str | None:
        first = steps[0]
        if first == "tiers" and len(steps) > 1:
            return self._in_tier(int(steps[1]), steps[2:])
        if first == "window":
            return "window_months" if len(steps) > 1 else "window"
        if first == "valid":
            return "months"
        return first if first in self.fields else None

    def _in_tier(self, place: int, steps: Sequence[str]) -> str | None:
        rows = self._in_order()
        if place >= len(rows):
            return None
        named = [step for step in steps if f"{step}_{rows[place]}" in self.fields]
        kind = self._typed("kind", rows[place]) or "earned"
        asked = {"earned": "threshold", "paid": "sku"}.get(kind, "name")
        return f"{named[-1] if named else asked}_{rows[place]}"

    # --- how it stands on the page ------------------------------------------------------------

    @property
    def tiers(self) -> list[TierFields]:
        """Return the tiers, row by row."""
        return [TierFields(self, row) for row in range(self.row_count)]


class TierFields:
    """The fields of one tier."""

    def __init__(self, form: LadderForm, row: int) -> None:
        self.code = form[f"code_{row}"]
        self.name = str(form[f"name_{row}"].value() or "")
        self.main = [form[f"{name}_{row}"] for name in TIER_KEYS]
        self.benefits = [form[f"{name}_{row}"] for name in BENEFIT_KEYS]

    @property
    def has_benefits(self) -> bool:
        """Say whether anything is promised, or wrong, that would be out of sight."""
        return any(field.value() or field.errors for field in self.benefits)


def shown_spec(spec: Data) -> Data:
    """Return what the form's fields show of a ladder; of none, a sensible beginning."""
    window = spec.get("window", {"type": "calendar_year"})
    valid = spec.get("valid", {"type": "months", "months": 12, "round_up": "year"})
    shown: Data = {
        "basis": spec.get("basis", "spend"),
        "window": window["type"],
        "window_months": window.get("months", 12),
        "forever": valid["type"] == "forever",
        "months": valid.get("months", 12),
        "round_up": valid.get("round_up", ""),
        **{name: spec[name] for name in ("downgrade", "returns", "counts") if name in spec},
        "grace_days": spec.get("grace_days", 0),
    }
    for row, tier in enumerate(spec.get("tiers", ())):
        shown |= _shown_tier(tier, row)
    return shown


def can_show(spec: Data) -> bool:
    """Say whether the form would give back all of what it was shown."""
    for tier in spec.get("tiers", ()):
        kinds = [gift["type"] for gift in tier.get("benefits", {}).get("gifts", ())]
        if len(set(kinds)) < len(kinds):
            return False
    return True


def _shown_tier(tier: Data, row: int) -> Data:
    names = ("code", "name", "kind", "threshold", "sku", "months", "is_lifetime")
    benefits = tier.get("benefits", {})
    shown = {name: tier.get(name) for name in names}
    for name in ("multiplier", "percent_off", "free_shipping"):
        shown[name] = benefits.get(name)
    shown["service"] = "\n".join(benefits.get("service", ()))
    for gift in benefits.get("gifts", ()):
        name = {"points": "points", "badge": "badge", "voucher": "reward"}[gift["type"]]
        shown[name] = gift[name]
    return {f"{name}_{row}": value for name, value in shown.items()}


class GiveTierForm(KeyForm):
    """A tier that is given to a member, whatever they have earned."""

    tier = forms.ChoiceField(label=_("Tier"))
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Leave it empty for as long as nobody ends it."),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def __init__(self, *args: Any, tiers: Choices, today: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["tier"].choices = tiers  # type: ignore[attr-defined]

    def clean_until(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data["until"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("This day is over. Choose today or a later one."))
        return day

    def clean_reason(self) -> str:
        """Return the reason as one line."""
        return clean_line(self.cleaned_data["reason"], max_length=REASON_LENGTH_MAX)

    def ends_at(self, zone: Any) -> datetime | None:
        """Return the instant after the last day, if there is one."""
        day = self.cleaned_data["until"]
        return None if day is None else start_of_day(day + A_DAY, zone)


class EndTierForm(KeyForm):
    """Why a tier that was given is ended."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def clean_reason(self) -> str:
        """Return the reason as one line."""
        return clean_line(self.cleaned_data["reason"], max_length=REASON_LENGTH_MAX)
