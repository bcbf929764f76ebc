"""What members type in the portal; shapes only, the services decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from core.idempotency import Answer, Keyed, answer_once
from core.keyed_forms import KeyForm
from core.text import ascii_digits, without_spaces
from members import names
from members.birthdays import Birthday
from members.doors import PortalRequest
from members.models import Channel, Member, Purpose
from members.queries import consents_now

CONTACT_LENGTH_MAX = 254
CODE_LENGTH_MAX = 32

# The wording below; whoever changes what is agreed to changes the version too.
CONSENT_TEXT = "portal-1"
CONSENTS = {
    "email": (Channel.EMAIL, Purpose.MARKETING, _("Offers and news by e-mail")),
    "sms": (Channel.SMS, Purpose.MARKETING, _("Offers and news by SMS")),
    "profiling": (Channel.ANY, Purpose.PROFILING, _("Suggestions made from my purchases")),
}


class ContactForm(forms.Form):
    """Who wants to come in: one field for a phone number or an e-mail address."""

    contact = forms.CharField(
        label=_("Mobile number or e-mail"),
        max_length=CONTACT_LENGTH_MAX,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "dir": "auto"}
        ),
    )


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_LENGTH_MAX,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "class": "pin",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
            }
        ),
    )


class ProfileForm(KeyForm):
    """What members may change about themselves."""

    name = forms.CharField(
        label=_("Name"),
        max_length=names.LENGTH_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    birth_day = forms.CharField(
        label=_("Day"),
        max_length=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-day"}),
    )
    birth_month = forms.ChoiceField(
        label=_("Month"),
        required=False,
        widget=forms.Select(attrs={"autocomplete": "bday-month"}),
    )
    birth_year = forms.CharField(
        label=_("Year"),
        max_length=4,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [(str(number), name) for number, name in MONTHS.items()]
        self.fields["birth_month"].choices = [("", "–"), *months]  # type: ignore[attr-defined]
        no_wish = ("", _("As this browser says"))
        self.fields["language"].choices = [no_wish, *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean_birth_day(self) -> str:
        """Read digits of any script."""
        return ascii_digits(without_spaces(self.cleaned_data["birth_day"]))

    def clean_birth_year(self) -> str:
        """Read digits of any script."""
        return ascii_digits(without_spaces(self.cleaned_data["birth_year"]))

    @property
    def details(self) -> dict[str, str]:
        """Return what was typed as the service takes it."""
        typed = self.cleaned_data
        year, month, day = (typed[f"birth_{part}"] for part in ("year", "month", "day"))
        birthday = f"{year or '-'}-{month}-{day}" if year or month or day else ""
        return {"name": typed["name"], "birthday": birthday, "language": typed["language"]}


class ConsentsForm(KeyForm):
    """What the member says yes to; no tick is a no."""

    email = forms.BooleanField(label=CONSENTS["email"][2], required=False)
    sms = forms.BooleanField(label=CONSENTS["sms"][2], required=False)
    profiling = forms.BooleanField(label=CONSENTS["profiling"][2], required=False)

    @property
    def answers(self) -> dict[str, bool]:
        """Return each answer by its field."""
        return {name: self.cleaned_data[name] for name in CONSENTS}


def profile_of(member: Member) -> dict[str, Any]:
    """Return what the profile form shows at first."""
    born = member.birthday or Birthday(0, 0)
    return {
        "name": member.name,
        "birth_day": born.day or "",
        "birth_month": born.month or "",
        "birth_year": born.year or "",
        "language": member.language,
    }


def consents_of(member: Member) -> dict[str, bool]:
    """Return the member's answers as they stand, by field."""
    said = consents_now(member)
    return {name: said.get((str(c), str(p)), False) for name, (c, p, _label) in CONSENTS.items()}


def once_in_portal(
    request: PortalRequest, key: str, *, step: str, wish: Any, act: Callable[[str], Answer]
) -> Answer:
    """Do what a member wishes, once per key; raises what ``answer_once`` raises.

    ``act`` receives the prefix for ledger request keys, and returns what the page needs to go on.
    """
    keyed = Keyed(
        organization_id=request.organization.pk,
        caller=f"member:{request.member.pk}",
        key=key,
        route=f"portal:{step}",
        body=wish,
    )
    return answer_once(keyed, act)
