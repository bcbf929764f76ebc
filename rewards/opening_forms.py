"""When a reward can be used, as it is typed: at once, after some days, or on a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.earning.opening import DAYS_MAX, Opens

AT_ONCE, AFTER_DAYS, ON = "at_once", "after_days", "on"
OPENS = (
    (AT_ONCE, _("At once")),
    (AFTER_DAYS, _("After some days")),
    (ON, _("From a date on")),
)
FIELD_OF = {AFTER_DAYS: "opens_after_days", ON: "opens_on"}


class OpeningFields(forms.Form):
    """When it can be used by who has it."""

    opens = forms.ChoiceField(
        label=_("When it can be used"),
        choices=OPENS,
        required=False,
        initial=AT_ONCE,
        widget=forms.RadioSelect,
    )
    opens_after_days = forms.IntegerField(
        label=_("Days until then"),
        required=False,
        min_value=1,
        max_value=DAYS_MAX,
        help_text=_("Counted from the day it was taken or earned."),
    )
    opens_on = forms.DateField(
        label=_("The first day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


def opening_known(opens: Opens) -> dict[str, Any]:
    """Return what the fields begin with."""
    chosen = ON if opens.on else AFTER_DAYS if opens.after_days else AT_ONCE
    return {"opens": chosen, "opens_after_days": opens.after_days, "opens_on": opens.on}


def opening_told(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the document is to say: of the two only what was chosen."""
    asked = FIELD_OF.get(str(typed.get("opens")))
    return {name: typed.get(name) if name == asked else None for name in FIELD_OF.values()}


def refuse_blank_opening(form: forms.Form) -> None:
    """Ask for the days or the date, if one of them was chosen and nothing typed."""
    asked = FIELD_OF.get(str(form.cleaned_data.get("opens")))
    if asked and asked not in form.errors and form.cleaned_data.get(asked) is None:
        form.add_error(asked, forms.ValidationError(_("Write something here."), code="required"))
