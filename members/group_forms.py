"""What the office types about groups of members; shapes only, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from members.models import Group
from members.services.groups import NAME_LENGTH_MAX

CODE_LENGTH_MAX = 50
SIGN_LENGTH_MAX = 254


class GroupForm(KeyForm):
    """What a group is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )


class NewGroupForm(GroupForm):
    """A group that is made, with the code that rules name it by."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("By which rules name it, such as staff; it stays. Empty: made from the name."),
        max_length=CODE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )


class JoinGroupForm(KeyForm):
    """Who is put into a group."""

    find = forms.CharField(
        label=_("Phone, card or e-mail"),
        max_length=SIGN_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "dir": "ltr"}),
    )


class GroupFileForm(KeyForm):
    """A list of members to put into a group."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # It stands beside another form on its page.
        super().__init__(*args, **{"auto_id": "list_%s", **kwargs})

    file = forms.FileField(
        label=_("List of members"),
        help_text=_(
            "A CSV file. The first column of each line is a phone number, card number or e-mail "
            "address. Whoever is in the group already stays."
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
    )


class PutInGroupForm(KeyForm):
    """Into which group a member is put."""

    group = forms.ChoiceField(label=_("Group"))

    def __init__(self, *args: Any, groups: Iterable[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(group.code, group.name) for group in groups]
        self.fields["group"].choices = choices  # type: ignore[attr-defined]
