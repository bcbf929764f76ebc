"""What is typed about gift cards; shapes only, the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.currencies import decimals_of
from core.errors import Refusal
from core.keyed_forms import KeyForm
from core.text import clean_line
from members.emails import clean_email
from rewards.forms import AmountField
from rewards.gift_card_codes import PIN_DIGITS_MAX
from rewards.models import GiftCard, GiftCardTerms
from rewards.services.gift_card_batches import SIZE_MAX

CODE_LENGTH_MAX = 40
REASON_LENGTH_MAX = 200

_CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}
_AMOUNT = {"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"}
_PIN = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}


class ReasonField(forms.CharField):
    """Why something is done, on one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": _("Reason"), "max_length": REASON_LENGTH_MAX, **options})

    def clean(self, value: Any) -> str:
        """Return the reason as one line."""
        try:
            line = clean_line(super().clean(value), max_length=REASON_LENGTH_MAX)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        if self.required and not line:
            raise forms.ValidationError(_("Write something here."), code="required")
        return line


class _MoneyForm(KeyForm):
    """A form about money of one currency."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.decimals = decimals_of(currency)


def _refuse_nothing(form: forms.Form, name: str) -> Any:
    amount = form.cleaned_data[name]
    if amount is not None and amount <= 0:
        raise forms.ValidationError(_("Write an amount above zero."), code="not_positive")
    return amount


class SellForm(_MoneyForm):
    """A gift card that is sold: a new one, or a printed one whose code is scanned."""

    amount = AmountField(label=_("Amount"), widget=forms.TextInput({**_AMOUNT, "autofocus": True}))
    code = forms.CharField(
        label=_("Code of a printed card"),
        max_length=CODE_LENGTH_MAX,
        required=False,
        help_text=_("Scan or type it. Leave it empty for a new code."),
        widget=forms.TextInput(_CODE),
    )
    pin = forms.CharField(
        label=_("PIN"),
        max_length=PIN_DIGITS_MAX + 4,
        required=False,
        help_text=_("4 to 8 digits that the buyer chooses. Nobody can read it again."),
        widget=forms.TextInput(_PIN),
    )
    email = forms.CharField(
        label=_("Send it by e-mail to"),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"dir": "ltr", "autocomplete": "off"}),
    )

    def clean_amount(self) -> Any:
        """Return an amount above zero."""
        return _refuse_nothing(self, "amount")

    def clean_email(self) -> str:
        """Return the address as it is stored."""
        typed: str = self.cleaned_data["email"]
        try:
            return clean_email(typed) if typed else ""
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal


class LoadForm(_MoneyForm):
    """Money that is put on a card."""

    amount = AmountField(label=_("Amount"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "load_%s", **kwargs})

    def clean_amount(self) -> Any:
        """Return an amount above zero."""
        return _refuse_nothing(self, "amount")


class AdjustForm(_MoneyForm):
    """A correction by hand, up or down."""

    UP, DOWN = "up", "down"

    direction = forms.ChoiceField(
        label=_("Correction"),
        choices=[(UP, _("Put on")), (DOWN, _("Take off"))],
        widget=forms.RadioSelect,
        initial=UP,
    )
    amount = AmountField(label=_("Amount"))
    reason = ReasonField()

    def clean_amount(self) -> Any:
        """Return an amount above zero."""
        return _refuse_nothing(self, "amount")

    @property
    def signed(self) -> Any:
        """Return the amount with its direction."""
        typed = self.cleaned_data
        return typed["amount"] if typed["direction"] == self.UP else -typed["amount"]


class BlockForm(KeyForm):
    """Why a card is blocked."""

    reason = ReasonField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "block_%s", **kwargs})


class SearchForm(forms.Form):
    """Which cards are looked for."""

    q = forms.CharField(
        label=_("Last characters"),
        max_length=CODE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({**_CODE, "enterkeyhint": "search"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All that were sold")), *GiftCard.Status.choices],
    )


class BatchForm(KeyForm):
    """Blank cards that are to be printed."""

    name = forms.CharField(label=_("Name"), max_length=80)
    size = forms.IntegerField(
        label=_("How many cards"),
        min_value=1,
        max_value=SIZE_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "dir": "ltr"}),
    )


class TermsForm(_MoneyForm):
    """What the organization decides about its gift cards."""

    valid_months = forms.IntegerField(
        label=_("Months a card can be used"),
        required=False,
        min_value=1,
        max_value=600,
        help_text=_(
            "To the end of that day. Leave it empty for ever. Cards sold before keep theirs."
        ),
    )
    asks_pin = forms.BooleanField(
        label=_("Cards are sold with a PIN"),
        required=False,
        help_text=_("Then nobody can spend a card whose code alone they have seen."),
    )
    balance_max = AmountField(label=_("Most that can be on a card"))
    load_max = AmountField(label=_("Most that can be loaded at once"))
    refund_to_ended = forms.ChoiceField(
        label=_("When money goes back to a card that is blocked or has expired"),
        choices=GiftCardTerms.ToEnded.choices,
        widget=forms.RadioSelect,
    )

    def clean_balance_max(self) -> Any:
        """Return an amount above zero."""
        return _refuse_nothing(self, "balance_max")

    def clean_load_max(self) -> Any:
        """Return an amount above zero."""
        return _refuse_nothing(self, "load_max")


class ShowForm(KeyForm):
    """A card that somebody shows: its code, and its PIN if it has one."""

    code = forms.CharField(
        label=_("Code"), max_length=CODE_LENGTH_MAX, widget=forms.TextInput(_CODE)
    )
    pin = forms.CharField(
        label=_("PIN, if the card has one"),
        max_length=PIN_DIGITS_MAX + 4,
        required=False,
        widget=forms.TextInput(_PIN),
    )
