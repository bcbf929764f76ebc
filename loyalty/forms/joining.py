"""Members who are merged, share points, or give them up, as it is typed in the office."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.text import ascii_digits
from members.services.households import NAME_LENGTH_MAX

SIGN_LENGTH_MAX = 254
POINTS_LENGTH_MAX = 20
REASON_LENGTH_MAX = 200
POINTS_MAX = 2_000_000_000


class FindForm(KeyForm):
    """Who the other member is; ``other`` says who was shown when it was confirmed."""

    find = forms.CharField(
        label=_("The other member"),
        help_text=_("Their phone number, card number or e-mail address."),
        max_length=SIGN_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    other = forms.UUIDField(required=False, widget=forms.HiddenInput)


class MostForm(KeyForm):
    """How many points of a household somebody may spend in a month."""

    most = forms.CharField(
        label=_("Points they may spend in a month"),
        help_text=_("Leave it empty for no limit."),
        required=False,
        max_length=POINTS_LENGTH_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )

    def clean_most(self) -> int | None:
        """Read a whole number in the digits of any script, or none."""
        typed = ascii_digits(self.cleaned_data["most"]).strip()
        if not typed:
            return None
        if not typed.isdecimal() or int(typed) > POINTS_MAX:
            raise forms.ValidationError(_("Write a whole number, such as 500."), code="points")
        return int(typed)


class JoinForm(FindForm, MostForm):
    """Who joins a household, and what they may spend."""

    field_order = ("find", "most")


class HouseholdForm(KeyForm):
    """What a household is called."""

    name = forms.CharField(
        label=_("Name of the household"),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )


class LeaveForm(KeyForm):
    """What becomes of the points of somebody who leaves a household."""

    points = forms.ChoiceField(
        label=_("The points they brought"),
        choices=[
            ("back", _("What is left of them goes with them")),
            ("stay", _("They stay with the household")),
        ],
        initial="back",
        widget=forms.RadioSelect,
    )


class ForfeitForm(KeyForm):
    """Why points are given up."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stands in the member's history and in the log."),
        max_length=REASON_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
