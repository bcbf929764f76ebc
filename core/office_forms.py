"""What the office types about stores, staff and the log; shapes only, the services decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from core.codes import CODE_LENGTH_MAX
from core.keyed_forms import KeyForm
from core.log_words import Kind
from core.models import Staff, Store
from core.models.people import Role
from core.services.regions import NAME_LENGTH_MAX as REGION_NAME_LENGTH_MAX
from core.services.staff import NAME_LENGTH_MAX

EMAIL_LENGTH_MAX = 254
PIN_TYPED_MAX = 32
SLUG_LENGTH_MAX = 50
BELOW_MANAGERS = (Role.ANALYST, Role.CASHIER)
SINCE = (
    ("1", _("today and yesterday")),
    ("7", _("the last 7 days")),
    ("30", _("the last 30 days")),
)


class StoreForm(KeyForm):
    """What a store is called, and by which clock it lives."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
        choices = [("", _("As the organization")), *zones]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]


class NewStoreForm(StoreForm):
    """A store that opens, with the code that receipts and shop systems name it by."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Short, such as HS; it stays. Empty: the next number."),
        max_length=CODE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("name", "code", "time_zone")


class RegionForm(KeyForm):
    """What a region is called, and which stores lie in it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=REGION_NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    stores = forms.MultipleChoiceField(
        label=_("Its stores"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, stores: Iterable[Store], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(store.code, store.name) for store in stores]
        self.fields["stores"].choices = places  # type: ignore[attr-defined]


class NewRegionForm(RegionForm):
    """A region that is made, with the code that rules name it by."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("By which rules name it, such as north; it stays. Empty: made from the name."),
        max_length=SLUG_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )
    field_order = ("name", "code", "stores")


class StaffForm(KeyForm):
    """Somebody's name, role and stores; ``by`` may not give every role."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    role = forms.ChoiceField(label=_("Role"))
    stores = forms.MultipleChoiceField(
        label=_("Works only at"),
        help_text=_("None ticked: at all stores."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, stores: Iterable[Store], by: Staff, own: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        roles = list(Role) if by.role == Role.OWNER else list(BELOW_MANAGERS)
        if own:
            roles = [Role(by.role)]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in roles
        ]
        places = [(store.code, store.name) for store in stores]
        self.fields["stores"].choices = places  # type: ignore[attr-defined]


class NewStaffForm(StaffForm):
    """Somebody who begins to work here."""

    email = forms.CharField(
        label=_("E-mail"),
        help_text=_("For the office. A cashier who only works at the till needs none."),
        max_length=EMAIL_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off", "dir": "ltr"}),
    )
    pin = forms.CharField(
        label=_("PIN"),
        help_text=_("Six digits for the till; can be set later for who has an e-mail address."),
        max_length=PIN_TYPED_MAX,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )
    code = forms.CharField(
        label=_("Code"),
        help_text=_("By which the till knows them. Empty: the next number."),
        max_length=CODE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("name", "role", "email", "pin", "code", "stores")


class SetPinForm(KeyForm):
    """A new PIN for the till."""

    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("Six digits. Tell them in person."),
        max_length=PIN_TYPED_MAX,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
    )


class LogFilters(forms.Form):
    """Narrows the log."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    what = forms.ChoiceField(label=_("What"), required=False)
    since = forms.ChoiceField(
        label=_("When"), required=False, choices=[("", _("At any time")), *SINCE]
    )

    def __init__(
        self, *args: Any, actors: Mapping[str, str], kinds: Mapping[str, Kind], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        who = [("", _("Everybody")), *actors.items()]
        self.fields["who"].choices = who  # type: ignore[attr-defined]
        what = sorted((str(kind.label), subject) for subject, kind in kinds.items())
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", _("Everything")),
            *((subject, label) for label, subject in what),
        ]
