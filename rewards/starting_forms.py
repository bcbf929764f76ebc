"""What the set-up assistant asks, one form for each step; what may be answered, the shapes say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Part
from rewards.starting.answers import (
    STEPS,
    TIERS_MAX,
    About,
    Earning,
    FirstReward,
    Stamps,
    Tiers,
)

Data = dict[str, Any]
SWITCH = {"class": "form-check-input", "data-switch": ""}  # what it switches, the page shows
NAME = {"autocomplete": "off", "dir": "auto"}
WHOLE = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}
EXACT = WHOLE | {"inputmode": "decimal"}
GOALS = (
    ("member_sales", _("Percent of sales with a member")),
    ("active_members", _("Members who buy in a month")),
    ("new_members", _("New members in a month")),
    ("", _("No goal yet")),
)


def name_field(label: Any, *, required: bool = True, **more: Any) -> forms.CharField:
    """Return a field for a name in any script."""
    widget = forms.TextInput(NAME)
    return forms.CharField(label=label, max_length=120, required=required, widget=widget, **more)


def whole_field(label: Any, **more: Any) -> forms.IntegerField:
    """Return a field for a whole number; whether it is needed, the shape of the step says."""
    widget = forms.TextInput(WHOLE)
    return forms.IntegerField(label=label, required=False, widget=widget, **more)


def exact_field(label: Any, **more: Any) -> forms.DecimalField:
    """Return a field for an amount or a rate."""
    widget = forms.TextInput(EXACT)
    return forms.DecimalField(
        label=label, required=False, max_digits=13, decimal_places=3, widget=widget, **more
    )


def switch_field(label: Any) -> forms.BooleanField:
    """Return a switch."""
    return forms.BooleanField(label=label, required=False, widget=forms.CheckboxInput(SWITCH))


class StepForm(forms.Form):
    """One step; ``part`` is what was answered once it is valid."""

    shape: ClassVar[type[Part]]
    use_required_attribute = False
    part: Part

    def __init__(self, data: Any = None, *, answered: Mapping[str, Any]) -> None:
        super().__init__(data, initial=self.shown(answered))

    def shown(self, answered: Mapping[str, Any]) -> Data:
        """Return what the fields show of an answer."""
        return dict(answered)

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Return what was typed as the shape wants it."""
        return dict(typed)

    def clean(self) -> Data:
        """Let the shape judge what was typed, and say its faults beside the fields."""
        typed: Data = super().clean() or {}
        if self.errors:
            return typed
        told = {key: _plain(value) for key, value in self.told(typed).items()}
        try:
            self.part = self.shape.model_validate(told)
        except ValidationError as error:
            for fault in faults_of(error, told):
                self.add_error(self._field_of(fault["field"]), fault["message"])
        return typed

    def _field_of(self, path: str) -> str | None:
        steps = path.split(".")
        for end in range(len(steps), 0, -1):
            name = "_".join(steps[:end])
            if name in self.fields:
                return name
        return None


class AboutForm(StepForm):
    """What the program is called, and what it is to reach."""

    shape = About

    name = name_field(_("What is the program called?"), help_text=_("As members read it."))
    goal = forms.ChoiceField(
        label=_("What should it bring?"), choices=GOALS, required=False, widget=forms.RadioSelect
    )
    target = whole_field(
        _("How much of it?"), help_text=_("The home page shows how far you have come.")
    )

    def __init__(self, data: Any = None, *, answered: Mapping[str, Any]) -> None:
        self._kind = answered["kind"]
        super().__init__(data, answered=answered)

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Keep the kind of shop; no goal needs no figure."""
        goal = typed["goal"] or None
        return {
            "kind": self._kind,
            "name": typed["name"],
            "goal": goal,
            "target": typed["target"] if goal else None,
        }

    def clean(self) -> Data:
        """Ask for the figure of a goal."""
        typed = super().clean()
        if typed.get("goal") and typed.get("target") is None and "target" not in self.errors:
            self.add_error("target", _("Say how much, or choose no goal."))
        if typed.get("goal") == "member_sales" and (typed.get("target") or 0) > 100:
            self.add_error("target", _("This is a percentage: 100 at most."))
        return typed


class EarningForm(StepForm):
    """What gives points and what they are worth."""

    shape = Earning

    gives_points = switch_field(_("Purchases give points"))
    points = whole_field(_("So many points"))
    per = exact_field(_("For every so much spent"))
    point_value = exact_field(
        _("What one point is worth"),
        help_text=_("For example 0.01. Leave it empty to say nothing."),
    )
    lasts_months = whole_field(
        _("Months that points last"), help_text=_("Leave it empty for ever.")
    )

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Without points nothing else is asked."""
        if typed["gives_points"]:
            return dict(typed)
        return {"gives_points": False, "lasts_months": typed["lasts_months"], "point_value": None}


STEP_KEYS = ("name", "threshold", "times", "percent")


class TiersForm(StepForm):
    """The tiers: those that are earned, or one that is paid for."""

    shape = Tiers

    has_tiers = switch_field(_("Members climb tiers"))
    is_scale = forms.BooleanField(
        label=_("No tiers: only the discount grows with what is spent"),
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )
    member_name = name_field(
        _("Name of the paid membership"),
        required=False,
        help_text=_("Who buys the article of its fee is a member for so many months."),
    )
    fee_sku = name_field(_("Article number of its fee"), required=False)
    fee_months = whole_field(_("Months that a fee pays for"))
    fee_times = exact_field(_("Times the points while it lasts"))

    def __init__(self, data: Any = None, *, answered: Mapping[str, Any]) -> None:
        super().__init__(data, answered=answered)
        for place in range(1, TIERS_MAX + 1):
            self.fields[f"name_{place}"] = name_field(_("Tier"), required=False)
            self.fields[f"threshold_{place}"] = exact_field(_("From so much spent in a year"))
            self.fields[f"times_{place}"] = exact_field(_("Times the points"))
            self.fields[f"percent_{place}"] = exact_field(_("Percent off"))

    def shown(self, answered: Mapping[str, Any]) -> Data:
        """Spread the tiers over their rows."""
        rows = enumerate(answered.get("steps", ()), start=1)
        spread = {f"{key}_{place}": value for place, row in rows for key, value in row.items()}
        return {**answered, **spread}

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Collect the rows that have a name."""
        if not typed["has_tiers"]:
            return {"has_tiers": False}
        rows = [
            {key: _plain(typed[f"{key}_{place}"]) for key in STEP_KEYS}
            for place in range(1, TIERS_MAX + 1)
            if typed[f"name_{place}"]
        ]
        steps = [{key: value for key, value in row.items() if value is not None} for row in rows]
        paid = {key: typed[key] or None for key in ("member_name", "fee_sku")}
        given = ("fee_months", "fee_times")
        terms = {key: _plain(typed[key]) for key in given if typed[key] is not None}
        is_scale = bool(typed["is_scale"])
        return {"has_tiers": True, "is_scale": is_scale, "steps": steps, **paid, **terms}

    def rows(self) -> list[list[forms.BoundField]]:
        """Return the fields of each earned tier."""
        return [[self[f"{key}_{place}"] for key in STEP_KEYS] for place in range(1, TIERS_MAX + 1)]

    def clean(self) -> Data:
        """Refuse tiers that are none, or that do not rise."""
        typed = super().clean()
        if self.errors or not typed["has_tiers"]:
            return typed
        part = self.part
        assert isinstance(part, Tiers)
        if not part.steps and not (part.fee_sku and part.member_name):
            self.add_error("has_tiers", _("Name a tier, or a paid membership with its article."))
        amounts = [step.threshold for step in part.steps]
        if amounts != sorted(set(amounts)):
            self.add_error("has_tiers", _("Let each tier begin above the one before."))
        percents = [step.percent or 0 for step in part.steps]
        if part.is_scale and (0 in percents or percents != sorted(set(percents))):
            self.add_error("is_scale", _("Let each step take more off than the one before."))
        return typed

    def _field_of(self, path: str) -> str | None:
        steps = path.split(".")
        if steps[0] == "steps" and len(steps) == 3:
            return f"{steps[2]}_{int(steps[1]) + 1}"
        return super()._field_of(path)


class StampsForm(StepForm):
    """The stamp card."""

    shape = Stamps

    has_stamps = switch_field(_("Members collect stamps"))
    size = whole_field(_("Stamps on a card"))
    per = forms.ChoiceField(
        label=_("A stamp for"),
        choices=(
            ("purchase", _("every visit")),
            ("unit", _("every article of a category")),
            ("amount", _("every so much spent")),
        ),
        required=False,
        widget=forms.RadioSelect,
    )
    category = name_field(_("The category"), required=False)
    amount = exact_field(_("So much spent"))
    gift = name_field(_("A full card gives"), required=False)

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Without stamps nothing else is asked."""
        if not typed["has_stamps"]:
            return {"has_stamps": False}
        return {key: value if value != "" else None for key, value in typed.items()}

    def clean(self) -> Data:
        """Ask for what the chosen way needs."""
        typed = super().clean()
        if self.errors or not typed["has_stamps"]:
            return typed
        needed = {"unit": "category", "amount": "amount"}.get(typed["per"])
        if needed and not typed[needed]:
            self.add_error(needed, _("This is needed."))
        if not typed["gift"]:
            self.add_error("gift", _("Say what a full card gives."))
        return typed


class RewardForm(StepForm):
    """The first thing that points can buy."""

    shape = FirstReward

    has_reward = switch_field(_("There is something to spend points on from the first day"))
    name = name_field(_("What is it?"), required=False)
    points = whole_field(_("Price in points"))
    amount = exact_field(
        _("What it takes off, if it is money"), help_text=_("Leave it empty for a product.")
    )

    def told(self, typed: Mapping[str, Any]) -> Data:
        """Without a reward its name does not matter."""
        if typed["has_reward"]:
            return dict(typed)
        return {"has_reward": False, "name": typed["name"] or "-"}


FORMS: dict[str, type[StepForm]] = {
    "about": AboutForm,
    "earning": EarningForm,
    "tiers": TiersForm,
    "stamps": StampsForm,
    "reward": RewardForm,
}
assert FORMS.keys() == STEPS.keys()


def _plain(value: Any) -> Any:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
