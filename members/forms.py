"""Forms in which people are added; they check shape, the services decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from members import names


class EnrollForm(KeyForm):
    """Adds the person at the till: the phone as it was looked up, and a name if they give one."""

    phone = forms.CharField(max_length=100, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        help_text=_("Can be added later."),
        max_length=names.LENGTH_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("phone", "request_key", "name")
