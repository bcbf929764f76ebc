"""What is typed about rewards that are picked up or sent; shapes only, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm, new_key
from core.models import Store
from members.models import Member
from rewards import addresses
from rewards.addresses import Address
from rewards.delivery_page import country_names
from rewards.fulfillment_queries import Sought, pickup_stores, pickup_stores_of
from rewards.models import Fulfillment, Reward
from rewards.paper import LABEL_FORMS, LABELS_ON_A_SHEET
from rewards.services.delivering import Parcel
from rewards.services.fulfillments import Where

Status = Fulfillment.Status
CALLED = {f"address.{name}": name for name in addresses.LENGTHS}  # what the services call it
Choices = Iterable[tuple[str, str]]


def _typed(autocomplete: str, **attributes: str) -> forms.TextInput:
    return forms.TextInput({"autocomplete": autocomplete, "dir": "auto", **attributes})


class WhereForm(KeyForm):
    """Where a reward goes."""

    @property
    def where(self) -> Where:
        """Return what was typed."""
        raise NotImplementedError

    @property
    def wish(self) -> dict[str, str]:
        """Return the same as it is compared with what was sent before."""
        return {name: value for name, value in self.cleaned_data.items() if name != "request_key"}


class StoreForm(WhereForm):
    """At which store a member picks a reward up."""

    store = forms.ChoiceField(label=_("Where it is picked up"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, stores: Iterable[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stores = {store.code: store for store in stores}
        named = [(code, store.name) for code, store in self._stores.items()]
        self.fields["store"].choices = named  # type: ignore[attr-defined]
        if len(named) == 1:
            self.initial.setdefault("store", named[0][0])

    @property
    def where(self) -> Where:
        """Return the store."""
        return Where(store_id=self._stores[self.cleaned_data["store"]].pk)


class AddressForm(WhereForm):
    """The address that a reward is sent to."""

    name = forms.CharField(
        label=_("Name"), max_length=addresses.NAME_LENGTH_MAX, widget=_typed("name")
    )
    line1 = forms.CharField(
        label=_("Street and number"),
        max_length=addresses.LINE_LENGTH_MAX,
        widget=_typed("address-line1"),
    )
    line2 = forms.CharField(
        label=_("Flat, floor, or anything more"),
        required=False,
        max_length=addresses.LINE_LENGTH_MAX,
        widget=_typed("address-line2"),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        required=False,
        max_length=addresses.POSTAL_CODE_LENGTH_MAX,
        widget=_typed("postal-code", autocapitalize="characters"),
    )
    city = forms.CharField(
        label=_("Town or city"),
        max_length=addresses.CITY_LENGTH_MAX,
        widget=_typed("address-level2"),
    )
    region = forms.CharField(
        label=_("State or province"),
        required=False,
        max_length=addresses.CITY_LENGTH_MAX,
        help_text=_("Where addresses need one."),
        widget=_typed("address-level1"),
    )
    country = forms.ChoiceField(
        label=_("Country"), widget=forms.Select({"autocomplete": "country"})
    )
    phone = forms.CharField(
        label=_("Phone, for who brings it"),
        required=False,
        max_length=addresses.PHONE_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "dir": "ltr"}),
    )
    note = forms.CharField(
        label=_("A word to who brings it"),
        required=False,
        max_length=addresses.NOTE_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(country_names().items(), key=lambda each: each[1].casefold())
        self.fields["country"].choices = [("", _("Choose")), *names]  # type: ignore[attr-defined]

    @property
    def where(self) -> Where:
        """Return the address, and the word to who brings it."""
        typed = self.cleaned_data
        address = Address(**{name: typed[name] for name in addresses.LENGTHS})
        return Where(address=address, note=typed["note"])


class SentForm(KeyForm):
    """Who carries a reward, and the number to follow it by."""

    carrier = forms.CharField(
        label=_("Carrier"),
        required=False,
        max_length=addresses.CARRIER_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    tracking = forms.CharField(
        label=_("Tracking number"),
        required=False,
        max_length=addresses.TRACKING_LENGTH_MAX,
        help_text=_("Or the address at which it can be followed, with https:// before it."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
    )

    @property
    def parcel(self) -> Parcel:
        """Return what was typed."""
        typed = self.cleaned_data
        return Parcel(carrier=typed["carrier"], tracking=typed["tracking"])


class MoveForm(KeyForm):
    """Which of those shown are moved on, and to what; and how the list was looked through."""

    to = forms.ChoiceField(choices=[(one.value, one.label) for one in (Status.READY, Status.DONE)])


class LookForm(forms.Form):
    """How the list is looked through; what is no choice means everything."""

    state = forms.CharField(required=False, widget=forms.HiddenInput)
    method = forms.ChoiceField(label=_("How it gets there"), required=False)
    store = forms.ChoiceField(label=_("Store"), required=False)
    reward = forms.ChoiceField(label=_("Reward"), required=False)

    def __init__(self, told: QueryDict, *, stores: Choices, rewards: Choices) -> None:
        super().__init__(told)
        offered = {"method": Reward.Delivery.choices, "store": stores, "reward": rewards}
        for name, choices in offered.items():
            self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is left out besides other states."""
        return any(self.cleaned_data.get(name) for name in ("method", "store", "reward"))

    @property
    def told(self) -> dict[str, str]:
        """Return what stays in the address."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def sought_in_any_state(self) -> Sought:
        """Return what is looked for, in whichever state."""
        return replace(self.sought, status="")

    @property
    def sought(self) -> Sought:
        """Return what is looked for; without a state, what is to be packed."""
        told = self.told
        state = told.get("state", "")
        return Sought(
            status=state if state in Status.values else Status.OPEN,
            method=told.get("method", ""),
            store=told.get("store", ""),
            reward=told.get("reward", ""),
        )


class LabelsForm(forms.Form):
    """On which labels, and from which place of the first sheet on."""

    form = forms.ChoiceField(choices=[(name, one.label) for name, one in LABEL_FORMS.items()])
    first = forms.IntegerField(
        label=_("First free label"), required=False, min_value=1, max_value=LABELS_ON_A_SHEET
    )


def where_form(reward: Reward, sent: QueryDict | None = None, *, member: Member) -> WhereForm:
    """Return the form that asks a member where a reward goes, before they take it."""
    return _form_for(reward.delivery, pickup_stores_of(reward), sent, member=member)


def where_again_form(found: Fulfillment, sent: QueryDict | None = None) -> WhereForm:
    """Return the same for what they have, with what was said before."""
    known = {name: getattr(found, name) for name in (*addresses.LENGTHS, "note")}
    known["store"] = found.store.code if found.store else ""
    said = {name: value for name, value in known.items() if value}
    member = found.redemption.member
    return _form_for(found.method, pickup_stores(found), sent, member=member, said=said)


def _form_for(
    method: str,
    stores: QuerySet[Store],
    sent: QueryDict | None,
    *,
    member: Member,
    said: dict[str, str] | None = None,
) -> WhereForm:
    first = {"request_key": new_key(), **(said or {})}
    if method == Reward.Delivery.PICKUP:
        return StoreForm(sent, stores=stores, initial=first)
    home = {"name": member.name, "country": member.organization.country}
    return AddressForm(sent, initial=home | first)
