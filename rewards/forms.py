"""What is typed at a till; shapes only, the services decide."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from babel.numbers import get_currency_symbol, get_group_symbol
from crispy_forms.bootstrap import PrependedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from core.currencies import decimals_of
from core.errors import Refusal
from core.keyed_forms import KeyForm, new_key
from core.templatetags.formats import exact
from core.text import ascii_digits, clean_line
from members.models import Member
from rewards.amounts import typed_amount, typed_quantity
from rewards.errors import AmountUnreadable

RECEIPT_LENGTH_MAX = 40
ITEM_LENGTH_MAX = 64
TYPED_LENGTH_MAX = 40
QUANTITY_MAX = 1_000_000
LINES_MAX = 200
LINES_AT_FIRST = 2
LINES = "lines"  # the prefix of their fields
MORE = "more"  # the button that asks for more lines where no script adds them

POINTS_MAX = 2**53 - 1

VOUCHERS_MAX = 10

_TYPED = ("member", "amount", "receipt", "points", "vouchers")
OURS = {
    "total": "amount",
    "external_id": "receipt",
    "points_to_spend": "points",
    "code": "gift_card",
    "payments[0].gift_card": "gift_card",
}  # what the services call the fields
_GROUPINGS = {"\u066c": ","}


class NumberField(forms.Field):
    """A number as people write it, shown again as it was understood."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"})
    default_error_messages = {"too_long": _("This is too long.")}

    def read(self, text: str) -> Decimal:
        """Return the number, or refuse what is none."""
        raise NotImplementedError

    def write(self, number: Decimal) -> str:
        """Write the number in the reader's notation."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Decimal | None:
        """Return the number that was typed, if anything was."""
        if isinstance(value, Decimal):
            return value
        text = str(value or "").strip()
        if not text:
            return None
        if len(text) > TYPED_LENGTH_MAX:
            raise forms.ValidationError(self.error_messages["too_long"], code="too_long")
        try:
            return self.read(text)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal

    def prepare_value(self, value: Any) -> Any:
        """Write what was understood; what is no number stays as it was typed."""
        try:
            number = self.to_python(value)
        except forms.ValidationError:
            return value
        return value if number is None else self.write(number)


class AmountField(NumberField):
    """Money in the currency that the form is for."""

    decimals = 0

    def read(self, text: str) -> Decimal:
        """Read a number in any notation, with the decimals of the currency."""
        sign = get_group_symbol(to_locale(get_language() or "en"))
        return typed_amount(text, decimals=self.decimals, grouping=_GROUPINGS.get(sign, sign))

    def write(self, number: Decimal) -> str:
        """Write the amount with all its decimals."""
        return exact(number, self.decimals)


class QuantityField(NumberField):
    """How many, or how much."""

    default_error_messages = {"quantity": _("Write how many, such as 2.")}

    def read(self, text: str) -> Decimal:
        """Read a number above zero."""
        try:
            quantity = typed_quantity(text)
        except AmountUnreadable:
            quantity = Decimal(0)
        if not 0 < quantity <= QUANTITY_MAX:
            raise forms.ValidationError(self.error_messages["quantity"], code="quantity")
        return quantity

    def write(self, number: Decimal) -> str:
        """Write the quantity without needless zeros."""
        shortest = number.normalize()
        return exact(number, max(0, -int(shortest.as_tuple().exponent)))


class PurchaseForm(KeyForm):
    """A purchase at the till: its amount, unless it has lines, and its receipt."""

    amount = AmountField(label=_("Amount"), required=False)
    receipt = forms.CharField(
        label=_("Receipt number"),
        max_length=RECEIPT_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    points = forms.IntegerField(
        label=_("Pay with points"),
        required=False,
        min_value=0,
        max_value=POINTS_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    vouchers = forms.CharField(
        label=_("Voucher"),
        required=False,
        max_length=VOUCHERS_MAX * TYPED_LENGTH_MAX,
        help_text=_("Several with a space between them."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    gift_card = forms.CharField(
        label=_("Gift card"),
        max_length=TYPED_LENGTH_MAX,
        required=False,
        help_text=_("It pays what is due, as far as there is something on it."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "dir": "ltr"}
        ),
    )
    gift_card_pin = forms.CharField(
        label=_("PIN, if the card has one"),
        max_length=16,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    member = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].decimals = decimals_of(currency)  # type: ignore[attr-defined]
        symbol = get_currency_symbol(currency, to_locale(get_language() or "en"))
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            PrependedText("amount", symbol), "receipt", "member", "request_key"
        )

    def ask_for_points(self) -> None:
        """Show the field for points, which only those are asked who have some."""
        self.helper.layout.fields.insert(2, "points")

    def ask_for_vouchers(self) -> None:
        """Show the field for vouchers, once somebody has shown one."""
        self.helper.layout.fields.insert(1, "vouchers")

    def clean_vouchers(self) -> list[str]:
        """Return the codes; each is typed without spaces."""
        return str(self.cleaned_data["vouchers"]).split()[:VOUCHERS_MAX]

    def clean_receipt(self) -> str:
        """Return the number as every keyboard and scanner would spell it."""
        try:
            line = clean_line(self.cleaned_data["receipt"], max_length=RECEIPT_LENGTH_MAX)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        number = ascii_digits(unicodedata.normalize("NFKC", line)).upper()
        if not number or len(number) > RECEIPT_LENGTH_MAX:
            raise forms.ValidationError(_("Type the number that is printed on the receipt."))
        return number


class HandOverForm(KeyForm):
    """A reward that is handed over at the till, for the price that was agreed to."""

    reward = forms.UUIDField(widget=forms.HiddenInput)
    points = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    price_money = forms.DecimalField(
        required=False, max_digits=14, decimal_places=3, widget=forms.HiddenInput
    )
    choice = forms.UUIDField(required=False)


class GetForm(KeyForm):
    """A reward that a member takes; which one, where it is one of several."""

    choice = forms.UUIDField(required=False)


class LineForm(forms.Form):
    """One line of a receipt: what, how many, and for how much each."""

    use_required_attribute = False

    item = forms.CharField(
        label=_("Item"),
        max_length=ITEM_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    quantity = QuantityField(label=_("Quantity"), initial=Decimal(1))
    price = AmountField(label=_("Price each"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].decimals = decimals_of(currency)  # type: ignore[attr-defined]

    def has_changed(self) -> bool:
        """Say whether anything is sold here; a quantity alone sells nothing."""
        return {"item", "price"} & set(self.changed_data) != set()

    def clean_item(self) -> str:
        """Return the name or SKU as one line."""
        try:
            return clean_line(self.cleaned_data["item"], max_length=ITEM_LENGTH_MAX)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal


class Lines(forms.BaseFormSet):
    """The lines of a receipt, with room for more; those left blank sell nothing."""

    def initial_form_count(self) -> int:
        """Let every line be left blank, also one that comes back filled in."""
        return 0

    def total_form_count(self) -> int:
        """Show what was typed before, and some blank lines."""
        if self.is_bound:
            return super().total_form_count()
        return min(len(self.initial or ()) + self.extra, self.max_num)

    @property
    def is_in_use(self) -> bool:
        """Say whether somebody works with lines here."""
        if self.is_bound:
            return any(form.has_changed() for form in self.forms)
        return self.initial is not None


LineSet = forms.formset_factory(
    LineForm,
    formset=Lines,
    extra=LINES_AT_FIRST,
    max_num=LINES_MAX,
    absolute_max=LINES_MAX,
    validate_max=True,
)


@dataclass(frozen=True)
class Sale:
    """What the ring-up panel holds: a purchase, and the lines it may have."""

    purchase: PurchaseForm
    lines: forms.BaseFormSet[LineForm]

    @classmethod
    def blank(cls, currency: str, member: Member | None = None) -> Self:
        """Return the panel before anything is typed."""
        first = {"request_key": new_key(), "member": member and member.public_id}
        lines = LineSet(prefix=LINES, form_kwargs={"currency": currency})
        return cls(PurchaseForm(initial=first, currency=currency), lines)

    @classmethod
    def kept(cls, typed: QueryDict, currency: str) -> Self:
        """Return the panel with what was typed into it, before anybody judges it."""
        first = {name: typed.get(name) for name in _TYPED}
        key = typed.get("request_key") or new_key()
        lines = LineSet(prefix=LINES, initial=_lines_in(typed), form_kwargs={"currency": currency})
        return cls(PurchaseForm(initial=first | {"request_key": key}, currency=currency), lines)

    @classmethod
    def sent(cls, typed: QueryDict, currency: str) -> Self:
        """Return the panel as it was sent."""
        lines = LineSet(typed, prefix=LINES, form_kwargs={"currency": currency})
        return cls(PurchaseForm(typed, currency=currency), lines)

    def is_valid(self) -> bool:
        """Say whether all of it can be read, and something is sold."""
        if not all([self.purchase.is_valid(), self.lines.is_valid()]):
            return False
        if not self.contents.keys() & {"total", "lines"}:
            self.purchase.add_error("amount", _("Type the amount, or the lines below."))
        return not self.purchase.errors

    def can_be_priced(self) -> bool:
        """Say whether what is sold can be read, whatever the receipt's number."""
        priced = {"amount", "member", "points", "vouchers"}
        is_priced = not priced & self.purchase.errors.keys()
        return is_priced and self.lines.is_valid()

    def take_focus(self) -> None:
        """Put the cursor where something is wrong, else where typing begins."""
        wrong = [
            (form, name)
            for form in (self.purchase, *self.lines.forms)
            for name in form.errors
            if name in form.fields and not form.fields[name].widget.is_hidden
        ]
        form, name = wrong[0] if wrong else (self.purchase, "amount")
        form.fields[name].widget.attrs["autofocus"] = True

    @property
    def contents(self) -> dict[str, Any]:
        """Return what is sold and to whom, as the checkout reads it."""
        typed = self.purchase.cleaned_data
        lines = [
            {"item": line["item"], "quantity": line["quantity"], "unit_price": line["price"]}
            for line in (form.cleaned_data for form in self.lines if form.has_changed())
        ]
        member = typed["member"] and str(typed["member"])
        told = {
            "member": member,
            "total": typed["amount"],
            "lines": lines,
            "points_to_spend": typed["points"] or None,
            "vouchers": typed["vouchers"],
            "gift_card": typed["gift_card"] or None,
            "gift_card_pin": typed["gift_card_pin"] or None,
        }
        return {name: value for name, value in told.items() if value not in (None, [])}


def typed_in(data: QueryDict) -> dict[str, str]:
    """Return what a person typed into the ring-up panel, to be shown again elsewhere."""
    lines = [name for name in data if name.startswith(f"{LINES}-") and not name.endswith("_FORMS")]
    typed = ((name, str(data.get(name, ""))) for name in (*_TYPED, "request_key", *lines))
    return {name: value for name, value in typed if value}


def _lines_in(typed: QueryDict) -> list[dict[str, str]] | None:
    """Return the lines that hold anything; ``None`` when nobody asked for lines."""
    lines = [
        {name: typed.get(f"{LINES}-{number}-{name}", "") for name in ("item", "quantity", "price")}
        for number in range(LINES_MAX)
    ]
    filled = [line for line in lines if line["item"] or line["price"]]
    return filled if filled or MORE in typed else None


class EarlierForm(forms.Form):
    """The number of a receipt that was rung up without a member."""

    number = forms.CharField(
        label=_("Receipt number"),
        max_length=RECEIPT_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", "enterkeyhint": "search"}),
    )


class GivingForm(KeyForm):
    """To whom such a receipt is given."""

    member = forms.UUIDField(widget=forms.HiddenInput)
