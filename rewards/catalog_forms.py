"""What is typed in the office about rewards; what a reward may be, its document says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files import File
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from core.currencies import decimals_of
from core.errors import Refusal
from core.keyed_forms import KeyForm
from core.picture_errors import PictureTooLarge
from core.pictures import BYTES_MAX, Drawn, draw
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.models import Program
from rewards.catalog_document import (
    ALT_LENGTH_MAX,
    DESCRIPTION_LENGTH_MAX,
    TERMS_LENGTH_MAX,
    RewardPart,
)
from rewards.category_document import NAME_LENGTH_MAX
from rewards.forms import AmountField, QuantityField
from rewards.kinds import DETAILS, KINDS
from rewards.models import Reward

REASON_LENGTH_MAX = 200
NOT_TYPED = {"code": "reward"}  # a code is made from the name, and stays
MONEY = ("amount", "minimum", "price_money", "cost")
Choices = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Named:
    """What a reward can name: by code, with what each is called."""

    categories: Choices = ()
    stores: Choices = ()
    tiers: Choices = ()
    groups: Choices = ()
    options: Choices = ()


class WhatFields(KeyForm):
    """What the member gets; each kind has fields of its own."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("What the member gets"), choices=Reward.Kind.choices, widget=forms.RadioSelect
    )
    amount = AmountField(label=_("Amount"), required=False)
    percent = QuantityField(label=_("How many percent"), required=False)
    minimum = AmountField(
        label=_("From a purchase of"), required=False, help_text=_("Leave it empty for any.")
    )
    product_sku = forms.CharField(
        label=_("Article number"),
        max_length=120,
        required=False,
        help_text=_("As it stands on receipts. Leave it empty if the name says enough."),
    )
    product_category = forms.CharField(
        label=_("Or anything of this category"), max_length=120, required=False
    )
    partner = forms.CharField(label=_("Who gets it"), max_length=120, required=False)
    gives = forms.CharField(
        label=_("How much, in words"),
        max_length=120,
        required=False,
        help_text=_("Such as: 500 miles."),
    )
    draw = forms.CharField(label=_("Code of the prize draw"), max_length=50, required=False)
    tickets = forms.IntegerField(label=_("How many tickets"), required=False, initial=1)
    link = forms.CharField(
        label=_("Link"),
        required=False,
        widget=forms.URLInput({"dir": "ltr", "autocomplete": "off"}),
        help_text=_("Begins with https://. Shown to whoever holds the reward, and nobody else."),
    )
    access_code = forms.CharField(
        label=_("Access code"),
        max_length=120,
        required=False,
        help_text=_("Besides the link, or alone."),
    )
    options = forms.MultipleChoiceField(
        label=_("To choose from"), required=False, widget=forms.CheckboxSelectMultiple
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=DESCRIPTION_LENGTH_MAX
    )
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=TERMS_LENGTH_MAX,
        widget=forms.Textarea({"rows": 3}),
    )


class PriceFields(forms.Form):
    """What it costs the member, and the shop."""

    points = forms.IntegerField(
        label=_("Price in points"), help_text=_("A new price counts from now on.")
    )
    price_money = AmountField(
        label=_("And in money"), required=False, help_text=_("Paid at the till, beside the points.")
    )
    is_for_points = forms.BooleanField(
        label=_("Members can take it for points"),
        required=False,
        initial=True,
        help_text=_("Otherwise it is only given: for a full card, a tier, a challenge."),
    )
    cost = AmountField(
        label=_("What it costs you"),
        required=False,
        help_text=_("For the figures; nobody sees it."),
    )
    is_combinable = forms.BooleanField(
        label=_("Goes together with other discounts"), required=False
    )


class AudienceFields(forms.Form):
    """Who may have it, where, and when."""

    tiers = forms.MultipleChoiceField(
        label=_("From a tier on"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Higher tiers may have it too. None means everybody."),
    )
    groups = forms.MultipleChoiceField(
        label=_("For groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    shown_to_all = forms.BooleanField(
        label=_("Show it to the others too"),
        required=False,
        help_text=_("They see who it is for, and cannot take it."),
    )
    stores = forms.MultipleChoiceField(
        label=_("In these stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means all of them."),
    )
    starts_on = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    valid_days = forms.IntegerField(
        label=_("Days a voucher can be used"),
        required=False,
        help_text=_("After the day it was issued. Leave it empty for ever."),
    )


class AmountFields(forms.Form):
    """How many there are, how many one may take, and how long it can be undone."""

    stock = forms.IntegerField(
        label=_("How many there are in all"),
        required=False,
        help_text=_("What was taken included. Leave it empty for as many as are wanted."),
    )
    is_limited_edition = forms.BooleanField(
        label=_("A limited edition: each has its number"), required=False
    )
    limit_count = forms.IntegerField(
        label=_("How many one member may take"),
        required=False,
        help_text=_("Leave it empty for as many as they like."),
    )
    limit_period = forms.ChoiceField(
        label=_("In which time"), choices=Reward.Period.choices, required=False
    )
    undo_minutes = forms.IntegerField(
        label=_("Minutes in which the till can take it back"), required=False, initial=15
    )
    goodwill_days = forms.IntegerField(
        label=_("Days more for points that ended meanwhile"),
        required=False,
        help_text=_("When it is taken back. Leave it empty for what the program says."),
    )


class PictureFields(forms.Form):
    """How it looks."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 2 MB. It is drawn anew, and says nothing else."),
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
    )
    picture_alt = forms.CharField(
        label=_("What the picture shows"),
        required=False,
        max_length=ALT_LENGTH_MAX,
        help_text=_("For who cannot see it. Left empty, the name is read out."),
    )
    drops_picture = forms.BooleanField(label=_("Take the picture away"), required=False)


class RewardForm(AmountFields, PictureFields, AudienceFields, PriceFields, WhatFields):
    """A reward, new or changed."""

    program: forms.ModelChoiceField[Program] = forms.ModelChoiceField(
        None, label=_("Program"), to_field_name="public_id", empty_label=None
    )

    part: RewardPart
    drawn: Drawn | None = None

    def __init__(
        self,
        *args: Any,
        currency: str,
        named: Named | None = None,
        programs: QuerySet[Program] | None = None,
        has_picture: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in MONEY:
            self.fields[name].decimals = decimals_of(currency)  # type: ignore[attr-defined]
        self._offer(named or Named())
        if not has_picture:
            del self.fields["drops_picture"]
        if programs is None:
            del self.fields["program"]  # a reward stays where it is
        else:
            self.fields["program"].queryset = programs  # type: ignore[attr-defined]
            if len(programs) == 1:
                self.fields["program"].widget = forms.HiddenInput()

    def clean_picture(self) -> File[bytes] | None:
        """Draw the picture anew, or say what is wrong with the file."""
        uploaded: File[bytes] | None = self.cleaned_data["picture"]
        if uploaded is None:
            return None
        try:
            if (uploaded.size or 0) > BYTES_MAX:
                raise PictureTooLarge
            self.drawn = draw(uploaded.read())
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        return uploaded

    def clean(self) -> dict[str, Any]:
        """Read the fields as the document of a reward, and tell its faults beside them."""
        typed = dict(self.cleaned_data)
        told = self._told(typed)
        try:
            self.part = RewardPart.model_validate(told | NOT_TYPED)
        except ValidationError as error:
            for fault in faults_of(error, told):
                name = fault["field"].partition(".")[0]
                if name not in self.errors:
                    self.add_error(name if name in self.fields else None, fault["message"])
        return typed

    def _told(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the document is to say: of the kind's own fields only those it has."""
        own = KINDS[kind].model_fields if (kind := typed.get("kind")) in KINDS else {}
        told = {
            name: typed.get(name)
            for name in RewardPart.model_fields
            if name in self.fields and (name not in DETAILS or name in own)
        }
        told["terms"] = " ".join(str(typed.get("terms") or "").split())
        told["category"] = typed.get("category") or None
        told["limit_period"] = typed.get("limit_period") or "ever"
        if told.get("undo_minutes") is None:
            del told["undo_minutes"]
        return told

    def _offer(self, named: Named) -> None:
        """Let nothing be named that there is not."""
        offered = {
            "category": [("", _("None")), *named.categories],
            "stores": list(named.stores),
            "tiers": list(named.tiers),
            "groups": list(named.groups),
            "options": list(named.options),
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


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


class CategoryForm(KeyForm):
    """What a category is called."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH_MAX)
