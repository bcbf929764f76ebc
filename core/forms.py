"""What people type to get in; shapes only, the services decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal, TriedTooOften
from core.models import Register, Staff, Store
from core.services.staff import clean_pin

PASSWORD_LENGTH_MAX = 128
TOO_OFTEN = frozenset({TriedTooOften.code, "too_many_login_attempts"})
RETRY_AFTER_SECONDS = 60


@contextmanager
def refusals_on(form: forms.BaseForm) -> Iterator[None]:
    """Show a refusal beside the field it concerns, instead of as a crash."""
    try:
        yield
    except Refusal as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, forms.ValidationError(str(refusal), code=refusal.code))


def slow_down(form: forms.BaseForm, page: HttpResponse) -> HttpResponse:
    """Make the page with this form an answer of 429 when it was sent too often."""
    codes = {error.code for error in form.errors.as_data().get(NON_FIELD_ERRORS, [])}
    if codes & TOO_OFTEN:
        page.status_code = HTTPStatus.TOO_MANY_REQUESTS
        page["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return page


class NewPasswordForm(forms.Form):
    """A password of one's own choice; any characters, pasted or typed."""

    password = forms.CharField(
        label=_("New password"),
        max_length=PASSWORD_LENGTH_MAX,
        strip=False,
        help_text=_("At least 12 characters; a few words are easier to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )


class PinForm(forms.Form):
    """Who is at work, and the PIN that proves it."""

    staff = forms.ChoiceField(label=_("Name"), widget=forms.RadioSelect)
    pin = forms.CharField(
        label=_("PIN"),
        max_length=32,
        widget=forms.PasswordInput(
            attrs={
                "class": "pin",
                "inputmode": "numeric",
                "autocomplete": "off",
            }
        ),
    )

    def __init__(self, *args: Any, staff: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = [(each.code, each.name) for each in staff]
        self.fields["staff"].choices = self.people  # type: ignore[attr-defined]
        is_alone = len(self.people) == 1
        if is_alone:
            self.initial.setdefault("staff", self.people[0][0])
        self.fields["pin" if is_alone else "staff"].widget.attrs["autofocus"] = True

    def clean_pin(self) -> str:
        """Read six digits, in whatever script they are typed."""
        try:
            return clean_pin(self.cleaned_data["pin"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal


class PasswordForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password; checking them opens nothing yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["login"].widget.attrs.pop("placeholder", None)  # the label says it
        self.fields["password"].help_text = ""  # the page has a link for those who forgot it


class EnrollForm(forms.Form):
    """Which register a device is to be: one there is, or one more in a store."""

    place = forms.ChoiceField(label=_("This device is"), widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, registers: Iterable[Register], stores: Iterable[Store], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.places: dict[str, Register | Store] = {
            **{f"register-{each.public_id}": each for each in registers},
            **{f"store-{each.code}": each for each in stores},
        }
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (value, _label(place)) for value, place in self.places.items()
        ]

    @property
    def chosen(self) -> Register | Store:
        """Return the register, or the store that gets a new one."""
        return self.places[self.cleaned_data["place"]]


def _label(place: Register | Store) -> str:
    names = {"store": place, "register": place}
    if isinstance(place, Store):
        return _("A new register in %(store)s") % names
    names["store"] = place.store
    return _("%(store)s, %(register)s") % names
