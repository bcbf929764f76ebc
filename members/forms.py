"""Forms in which people are added; they check shape, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel import Locale
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.models import Store
from members import emails, names
from members.attribute_fields import attribute_fields, attributes_known, attributes_typed
from members.birthdays import Birthday
from members.models import AttributeDefinition, Channel, Member, MemberStatus, Purpose
from members.services.blocking import REASON_LENGTH_MAX
from members.services.consents import TEXT_VERSION_LENGTH_MAX, ConsentGiven

PHONE_LENGTH_MAX = 100
YEAR_MIN = 1850
DAY_MAX = 31
JOINED_WITHIN = (
    ("7", _("the last 7 days")),
    ("30", _("the last 30 days")),
    ("90", _("the last 90 days")),
    ("365", _("the last year")),
)
OURS = {"birthday": "birth_day", "store_id": "store", "consents": "text_version"}


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


class MemberFilters(forms.Form):
    """Narrows the list of members; what is left empty narrows nothing."""

    q = forms.CharField(
        label=_("Name, phone, card or e-mail"),
        max_length=names.LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "dir": "auto"}),
    )
    state = forms.ChoiceField(label=_("State"), required=False)
    store = forms.ChoiceField(label=_("Home store"), required=False)
    joined = forms.ChoiceField(
        label=_("Joined in"), required=False, choices=[("", _("Any time")), *JOINED_WITHIN]
    )

    def __init__(
        self, *args: Any, stores: Iterable[Store], by_name: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        shown = (MemberStatus.ACTIVE, MemberStatus.BLOCKED)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *((state.value, state.label) for state in shown),
        ]
        self.fields["store"].choices = _store_choices(stores, _("All"))  # type: ignore[attr-defined]
        if not by_name:
            self.fields["q"].label = _("Phone, card or e-mail")


class MemberForm(KeyForm):
    """What is known about a member, as it is typed in the office."""

    phone = forms.CharField(
        label=_("Phone"),
        max_length=PHONE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off", "dir": "ltr"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=names.LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=emails.LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off", "dir": "ltr"}),
    )
    birth_month = forms.TypedChoiceField(
        label=_("Month of birth"), required=False, coerce=int, empty_value=None
    )
    birth_day = forms.IntegerField(
        label=_("Day of birth"), required=False, min_value=1, max_value=DAY_MAX
    )
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        help_text=_("Only if they want to tell it."),
        required=False,
        min_value=YEAR_MIN,
        max_value=9999,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Not known")), *settings.LANGUAGES],
    )
    store = forms.ChoiceField(label=_("Home store"), required=False)

    def __init__(
        self,
        *args: Any,
        stores: Iterable[Store],
        attributes: Iterable[AttributeDefinition] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.defined = list(attributes)
        self.fields.update(attribute_fields(self.defined))
        self.places = {store.code: store for store in stores}
        choices = _store_choices(self.places.values(), _("None"))
        self.fields["store"].choices = choices  # type: ignore[attr-defined]
        months = Locale.parse(to_locale(get_language() or "en")).months["stand-alone"]["wide"]
        self.fields["birth_month"].choices = [  # type: ignore[attr-defined]
            ("", _("Not known")),
            *months.items(),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the day and the month together, for one alone comes round never."""
        cleaned = super().clean() or self.cleaned_data
        told = [cleaned.get(f"birth_{part}") for part in ("month", "day", "year")]
        if any(told) and not (told[0] and told[1]) and not self.errors:
            self.add_error("birth_day", _("Fill in both the day and the month, or neither."))
        return cleaned

    @property
    def details(self) -> dict[str, Any]:
        """Return what was typed as the services take it."""
        typed = self.cleaned_data
        store = self.places.get(typed["store"])
        birthday = ""
        if typed["birth_month"]:
            born = typed["birth_month"], typed["birth_day"], typed["birth_year"]
            birthday = str(Birthday(*born))
        said = {name: typed[name] for name in ("phone", "name", "email", "language")}
        said |= {"birthday": birthday, "store_id": store.pk if store else None}
        if self.defined:
            said["attributes"] = attributes_typed(self.defined, typed)
        return said

    @classmethod
    def known_of(
        cls, member: Member, attributes: Iterable[AttributeDefinition] = ()
    ) -> dict[str, Any]:
        """Return what stands in the fields before anything is typed."""
        plain = ("phone", "name", "email", "birth_month", "birth_day", "birth_year", "language")
        store = member.home_store.code if member.home_store else ""
        known = {name: getattr(member, name) for name in plain} | {"store": store}
        return known | attributes_known(attributes, member.attributes)


class NewMemberForm(MemberForm):
    """Enrolls somebody in the office, with what they agreed to."""

    terms = forms.BooleanField(label=_("Agrees to the terms of the program"), required=False)
    by_email = forms.BooleanField(label=_("Wants offers and news by e-mail"), required=False)
    by_sms = forms.BooleanField(label=_("Wants offers and news by SMS"), required=False)
    profiling = forms.BooleanField(
        label=_("Wants suggestions made from their purchases"), required=False
    )
    text_version = forms.CharField(
        label=_("Version of the text they agreed to"),
        help_text=_("As it stands on the form they signed, such as 2026-01."),
        max_length=TEXT_VERSION_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    ASKED = {
        "terms": (Channel.ANY, Purpose.TERMS),
        "by_email": (Channel.EMAIL, Purpose.MARKETING),
        "by_sms": (Channel.SMS, Purpose.MARKETING),
        "profiling": (Channel.ANY, Purpose.PROFILING),
    }

    def clean(self) -> dict[str, Any]:
        """Ask to which text they said yes; without it a yes is worth nothing."""
        cleaned = super().clean()
        is_agreed = any(cleaned.get(name) for name in self.ASKED)
        if is_agreed and not cleaned.get("text_version") and "text_version" not in self.errors:
            self.add_error("text_version", _("Say which text they agreed to."))
        return cleaned

    @property
    def consents(self) -> list[ConsentGiven]:
        """Return what was agreed to; what was left open is no answer."""
        version = self.cleaned_data["text_version"]
        return [
            ConsentGiven(channel, purpose, version)
            for name, (channel, purpose) in self.ASKED.items()
            if self.cleaned_data[name]
        ]


class BlockForm(KeyForm):
    """Why somebody may not take part for a while."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is kept in the log; the member does not see it."),
        max_length=REASON_LENGTH_MAX,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )


class UnblockForm(BlockForm):
    """Why somebody may take part again, if there is something to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


def _store_choices(stores: Iterable[Store], nothing: Any) -> list[tuple[str, Any]]:
    return [("", nothing), *((store.code, store.name) for store in stores)]
