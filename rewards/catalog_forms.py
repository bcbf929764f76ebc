"""What is typed in the office about rewards; what a reward may be, its document says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from core.currencies import decimals_of
from core.errors import Refusal
from core.keyed_forms import KeyForm
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.models import Program
from rewards.catalog_document import DESCRIPTION_LENGTH_MAX, TERMS_LENGTH_MAX, RewardPart
from rewards.forms import AmountField
from rewards.models import Reward

REASON_LENGTH_MAX = 200
NOT_TYPED = {"code": "reward"}  # a code is made from the name, and stays


class RewardForm(KeyForm):
    """A reward, new or changed."""

    program: forms.ModelChoiceField[Program] = forms.ModelChoiceField(
        None, label=_("Program"), to_field_name="public_id", empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("What the member gets"), choices=Reward.Kind.choices, widget=forms.RadioSelect
    )
    amount = AmountField(
        label=_("How much is taken off"), required=False, help_text=_("For an amount off only.")
    )
    points = forms.IntegerField(
        label=_("Price in points"), help_text=_("A new price counts from now on.")
    )
    stock = forms.IntegerField(
        label=_("How many there are in all"),
        required=False,
        help_text=_("What was taken included. Leave it empty for as many as are wanted."),
    )
    valid_days = forms.IntegerField(
        label=_("Days a voucher can be used"),
        required=False,
        help_text=_("After the day it was issued. Leave it empty for ever."),
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=DESCRIPTION_LENGTH_MAX
    )
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=TERMS_LENGTH_MAX,
        widget=forms.Textarea({"rows": 3}),
    )

    part: RewardPart

    def __init__(
        self, *args: Any, currency: str, programs: QuerySet[Program] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].decimals = decimals_of(currency)  # type: ignore[attr-defined]
        if programs is None:
            del self.fields["program"]  # a reward stays where it is
        else:
            self.fields["program"].queryset = programs  # type: ignore[attr-defined]
            if len(programs) == 1:
                self.fields["program"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Read the fields as the document of a reward, and tell its faults beside them."""
        typed = dict(self.cleaned_data)
        told = {name: typed.get(name) for name in RewardPart.model_fields if name in self.fields}
        if typed.get("kind") != Reward.Kind.AMOUNT_OFF:
            told["amount"] = None
        told["terms"] = " ".join(str(typed.get("terms") or "").split())
        try:
            self.part = RewardPart.model_validate(told | NOT_TYPED)
        except ValidationError as error:
            for fault in faults_of(error, told):
                if fault["field"] not in self.errors:
                    self.add_error(fault["field"], fault["message"])
        return typed


class CancelForm(KeyForm):
    """Why a redemption is undone."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def clean_reason(self) -> str:
        """Return the reason as one line."""
        try:
            line = clean_line(self.cleaned_data["reason"], max_length=REASON_LENGTH_MAX)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        if not line:
            raise forms.ValidationError(_("Write something here."), code="required")
        return line
