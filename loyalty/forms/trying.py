"""What is typed to try a basket: who buys what, where and when, and what is switched on for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.text import clean_line
from loyalty.earning.receipt import Line
from loyalty.forms.rules import SWITCH, Option
from loyalty.forms.typed import DECIMAL, DEEPER, MOMENT, NUMBER, Choices
from loyalty.services.trying import MadeUp
from members.birthdays import Birthday

LINES = "lines"
LINES_AT_FIRST = 2
LINES_MAX = 30
MORE = "more"
TEXT = {"autocomplete": "off", "dir": "auto"}
NEWCOMER, MEMBER, MADE_UP = "newcomer", "member", "made_up"
WHO: Choices = (
    (NEWCOMER, _("Somebody who comes for the first time")),
    (MEMBER, _("A member")),
    (MADE_UP, _("Somebody made up")),
)
PAID: Choices = (
    ("", _("Not said")),
    ("cash", _("Cash")),
    ("card", _("Card")),
    ("other", _("Something else")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What there is to choose from."""

    stores: Choices
    channels: Choices
    tiers: Choices = ()
    groups: Choices = ()
    drafts: Choices = ()


class TryForm(forms.Form):
    """Who buys, where and when, and which rules are switched on for the trial alone."""

    use_required_attribute = False

    who = forms.ChoiceField(
        label=_("Who buys"), choices=WHO, initial=NEWCOMER, widget=forms.RadioSelect(SWITCH)
    )
    member = forms.CharField(
        label=_("Phone or card number"),
        max_length=64,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    groups = forms.MultipleChoiceField(
        label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    birthday = forms.DateField(
        label=_("Birthday"), required=False, widget=forms.DateInput({"type": "date"})
    )
    purchases_before = forms.IntegerField(
        label=_("Purchases before this one"),
        required=False,
        min_value=0,
        max_value=10_000,
        widget=forms.TextInput(NUMBER),
    )
    days_before = forms.IntegerField(
        label=_("Days in a row on which they came until yesterday"),
        required=False,
        min_value=0,
        max_value=366,
        widget=forms.TextInput(NUMBER),
    )
    store = forms.ChoiceField(label=_("Store"))
    at = forms.DateTimeField(
        label=_("Moment"),
        help_text=_("It may be to come: what is to count then does."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )
    channel = forms.ChoiceField(label=_("Through"))
    paid_with = forms.ChoiceField(label=_("Paid with"), choices=PAID, required=False)
    drafts = forms.MultipleChoiceField(
        label=_("Switched on for this trial"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, offered: Offered, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for name, choices in (
            ("store", offered.stores),
            ("channel", offered.channels),
            ("tier", [("", _("None")), *offered.tiers]),
            ("groups", offered.groups),
            ("drafts", offered.drafts),
        ):
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("groups", "drafts"):
            if not getattr(offered, name):
                del self.fields[name]
        if not offered.tiers:
            del self.fields["tier"]

    def clean(self) -> dict[str, Any]:
        """Ask for a number where a member is meant."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("who") == MEMBER and not typed.get("member"):
            self.add_error("member", _("Type the phone or card number of the member."))
        return typed

    @property
    def made_up(self) -> MadeUp:
        """Return who was thought up; a newcomer is somebody of whom nothing is known."""
        typed = self.cleaned_data
        if typed["who"] != MADE_UP:
            return MadeUp()
        born = typed["birthday"]
        return MadeUp(
            tier=typed.get("tier") or "",
            groups=frozenset(typed.get("groups") or ()),
            birthday=Birthday(born.month, born.day, born.year) if born else None,
            purchases_before=typed["purchases_before"] or 0,
            days_before=typed["days_before"] or 0,
        )

    def options(self) -> list[Option]:
        """Return who may buy, each with what is asked of them."""
        asked = {
            NEWCOMER: (),
            MEMBER: ("member",),
            MADE_UP: ("tier", "groups", "birthday", "purchases_before", "days_before"),
        }
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                [self[name] for name in asked[radio.data["value"]] if name in self.fields],
            )
            for radio in self["who"]
        ]


class TriedLineForm(forms.Form):
    """One line of the basket: a product that is known by its number, or whatever is described."""

    use_required_attribute = False

    item = forms.CharField(
        label=_("Item or article number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(TEXT),
    )
    category = forms.CharField(
        label=_("Category"),
        max_length=200,
        required=False,
        widget=forms.TextInput(TEXT | {"list": "categories"}),
    )
    brand = forms.CharField(
        label=_("Brand"),
        max_length=100,
        required=False,
        widget=forms.TextInput(TEXT | {"list": "brands"}),
    )
    quantity = forms.DecimalField(
        label=_("Quantity"),
        min_value=Decimal("0.001"),
        max_digits=9,
        decimal_places=3,
        initial=1,
        required=False,
        widget=forms.TextInput(DECIMAL),
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.001"),
        max_digits=11,
        decimal_places=3,
        widget=forms.TextInput(DECIMAL),
    )

    def has_changed(self) -> bool:
        """Say whether anything is bought here; a quantity alone buys nothing."""
        return {"item", "category", "brand", "amount"} & set(self.changed_data) != set()

    def _clean_text(self, name: str) -> str:
        try:
            return clean_line(self.cleaned_data[name], max_length=200)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal

    def clean_item(self) -> str:
        """Return the name or number as one line."""
        return self._clean_text("item")

    def clean_category(self) -> str:
        """Return the category as one line."""
        return self._clean_text("category")

    def clean_brand(self) -> str:
        """Return the brand as one line."""
        return self._clean_text("brand")


class TriedLines(forms.BaseFormSet):
    """The lines of a basket, with room for more; those left blank buy nothing."""

    def initial_form_count(self) -> int:
        """Let every line be left blank, also one that comes back filled in."""
        return 0

    def total_form_count(self) -> int:
        """Show what was typed before, and one more where that was asked for."""
        if not self.is_bound:
            return max(LINES_AT_FIRST, len(self.initial or ()))
        count = super().total_form_count()
        return min(LINES_MAX, count + (MORE in self.data))

    def clean(self) -> None:
        """Ask for something to be bought."""
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError(_("Type what is bought, at least an amount."))

    def bought(self) -> Iterator[Line]:
        """Yield what is bought, numbered as typed."""
        filled = [form.cleaned_data for form in self.forms if form.has_changed()]
        for number, typed in enumerate(filled, start=1):
            yield Line(
                number=number,
                quantity=typed["quantity"] or Decimal(1),
                amount=typed["amount"],
                name=typed["item"],
                sku=typed["item"] or None,
                brand=typed["brand"] or None,
                category=_path(typed["category"]),
            )


def _path(text: str) -> tuple[str, ...]:
    return tuple(step.strip() for step in text.split(DEEPER.strip()) if step.strip())


LineSet = forms.formset_factory(
    TriedLineForm,
    formset=TriedLines,
    extra=0,
    max_num=LINES_MAX,
    absolute_max=LINES_MAX,
    validate_max=True,
)
