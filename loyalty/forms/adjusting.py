"""Corrections of points by hand, as they are typed in the office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.text import ascii_digits
from loyalty.models import Entry

REASON_LENGTH_MAX = 200
POINTS_LENGTH_MAX = 20
SIGN_LENGTH_MAX = 254


class PointsForm(KeyForm):
    """So many points of a member that move by hand."""

    points = forms.CharField(
        label=_("How many points"),
        max_length=POINTS_LENGTH_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stands in the member's history and in the log."),
        max_length=REASON_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )

    def clean_points(self) -> int:
        """Read a whole number in the digits of any script."""
        typed = ascii_digits(self.cleaned_data["points"]).strip()
        if not typed.isdecimal() or int(typed) == 0:
            raise forms.ValidationError(_("Write a whole number, such as 50."), code="points")
        return int(typed)


class AdjustForm(PointsForm):
    """How many points are given or taken, and why."""

    direction = forms.ChoiceField(
        label=_("What to do"),
        choices=[("give", _("Give points")), ("take", _("Take points away"))],
        initial="give",
        widget=forms.RadioSelect,
    )
    field_order = ("direction", "points", "reason")

    @property
    def change(self) -> int:
        """Return the points with their sign."""
        points: int = self.cleaned_data["points"]
        return -points if self.cleaned_data["direction"] == "take" else points


class HandingForm(PointsForm):
    """To whom a member hands how many points, and why."""

    to = forms.CharField(
        label=_("To whom"),
        help_text=_("Their phone number, card number or e-mail address."),
        max_length=SIGN_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    receiver = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ("to", "points", "reason")


class DecisionForm(KeyForm):
    """A decision on what somebody else asked for."""

    reason = forms.CharField(
        label=_("Why not"),
        help_text=_("Whoever asked reads it."),
        max_length=REASON_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )


class LedgerFilters(forms.Form):
    """Narrows a member's ledger."""

    kind = forms.ChoiceField(label=_("What happened"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Everything")), *Entry.Kind.choices]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
