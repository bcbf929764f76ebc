"""What is typed in the office about batches and shared codes; what they may be, services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.keyed_forms import KeyForm
from core.templatetags.formats import number
from core.text import ascii_digits, clean_line
from rewards.batch_errors import CodeTooWeak, PrefixInvalid, WordInvalid
from rewards.models import Reward
from rewards.models.voucher_batches import NAME_LENGTH_MAX, WANTED_MAX
from rewards.paper import FORMS, SHEET, SLIPS_MAX
from rewards.services.shared_codes import PER_MEMBER_MAX, USES_MAX
from rewards.services.voucher_batches import too_weak
from rewards.services.voucher_finding import PER_ORGANIZATION
from rewards.voucher_codes import (
    PREFIX_MAX,
    RANDOM,
    WORD_MAX,
    clean_word,
    is_prefix,
    length_of,
    strength,
    years_to_guess,
)

REASON_LENGTH_MAX = 200
STRENGTHS = (RANDOM, 13, 15)  # with 16 and no beginning they would be as long as gift cards'
DATE = {"type": "date"}
PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}
DIGITS = {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """Return a field for a day of the shop's calendar, which may be left empty."""
    widget = forms.DateInput(DATE, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


def number_field(label: Any, most: int, **options: Any) -> forms.IntegerField:
    """Return a field for a whole number from 1 on."""
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, widget=forms.TextInput(DIGITS), **options
    )


class _ForReward(KeyForm):
    """What both have in common: the reward that a code is good for, and from day to day."""

    reward = forms.ChoiceField(label=_("What it is for"))
    valid_from = day_field(_("First day"), _("Leave it empty for at once."))
    valid_until = day_field(_("Last day"), _("Leave it empty for ever. The day itself counts."))

    def __init__(self, *args: Any, rewards: Iterable[Reward], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.public_id), one.name) for one in rewards]
        self.fields["reward"].choices = choices  # type: ignore[attr-defined]


class BatchForm(_ForReward):
    """Many codes for one reward."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH_MAX,
        help_text=_("For the staff: where the codes go."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    wanted = number_field(
        _("How many codes"),
        WANTED_MAX,
        help_text=_("Up to a million. They are made in the background; you may leave the page."),
    )
    random_chars = forms.IntegerField(label=_("Strength"), initial=RANDOM)
    prefix = forms.CharField(  # type: ignore[assignment]  # of the codes; the form has none
        label=_("Beginning"),
        required=False,
        max_length=PREFIX_MAX,
        help_text=_("Up to 8 digits and letters without I, L, O and U. Leave it empty for none."),
        widget=forms.TextInput(PLAIN),
    )
    field_order = ("name", "reward", "wanted", "random_chars", "prefix", "valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["random_chars"].widget = forms.RadioSelect(
            choices=[(chars, in_words(chars)) for chars in STRENGTHS]
        )

    def clean_name(self) -> str:
        """Return the name as one line."""
        return _line(self.cleaned_data["name"], NAME_LENGTH_MAX)

    def clean_prefix(self) -> str:
        """Return the beginning as codes have it."""
        prefix = ascii_digits(self.cleaned_data["prefix"].strip()).upper()
        if not is_prefix(prefix):
            raise ValidationError(str(PrefixInvalid.sentence), code=PrefixInvalid.code)
        return prefix

    def clean_random_chars(self) -> int:
        """Refuse what could be guessed, and say how strong it would be."""
        chars: int = self.cleaned_data["random_chars"]
        if chars < RANDOM:
            raise ValidationError(str(too_weak(chars)), code=CodeTooWeak.code)
        return chars


class SharedCodeForm(_ForReward):
    """A word that is good for a reward."""

    word = forms.CharField(
        label=_("Word"),
        max_length=2 * WORD_MAX,
        help_text=_("4 to 20 letters A to Z and digits, such as SUMMER26; from 12 on with a U."),
        widget=forms.TextInput(PLAIN),
    )
    uses_max = number_field(
        _("How often in all"), USES_MAX, required=False, help_text=_("Leave it empty for no limit.")
    )
    per_member_max = number_field(
        _("How often for one member"),
        PER_MEMBER_MAX,
        required=False,
        help_text=_("Then only members can use it. Leave it empty and anybody can."),
    )
    field_order = ("word", "reward", "uses_max", "per_member_max", "valid_from")

    def clean_word(self) -> str:
        """Return the word as it is kept."""
        word = clean_word(self.cleaned_data["word"])
        if not word:
            raise ValidationError(str(WordInvalid.sentence), code=WordInvalid.code)
        return word


class PrintForm(forms.Form):
    """Which codes of a batch are printed, and on what."""

    first = number_field(_("From number"), WANTED_MAX, initial=1)
    count = number_field(_("How many"), SLIPS_MAX, initial=50)
    form = forms.ChoiceField(
        label=_("Paper"), choices=[(one.name, one.label) for one in FORMS.values()]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].initial = SHEET.name


class ReleaseForm(KeyForm):
    """Why a use of a voucher is let go of."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_LENGTH_MAX)

    def clean_reason(self) -> str:
        """Return the reason as one line."""
        return _line(self.cleaned_data["reason"], REASON_LENGTH_MAX)


def in_words(random_chars: int, *, codes: int = WANTED_MAX, prefix: str = "") -> str:
    """Say how long codes are, and for how long the most patient would guess at them."""
    years = years_to_guess(random_chars, codes, guesses_an_hour=PER_ORGANIZATION[0])
    return _t(
        "%(length)s characters with %(bits)s random bits: guessing one of %(codes)s codes takes "
        "about %(years)s years"
    ) % {
        "length": number(length_of(prefix, random_chars)),
        "bits": number(int(strength(random_chars))),
        "codes": number(codes),
        "years": number(_roughly(years)),
    }


def _roughly(count: int) -> int:
    """Return a number by its first two digits: nobody counts the years to the last one."""
    zeros = max(len(str(count)) - 2, 0)
    return round(count, -zeros)


def _line(text: str, length_max: int) -> str:
    try:
        line = clean_line(text, max_length=length_max)
    except Refusal as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from refusal
    if not line:
        raise ValidationError(_t("Write something here."), code="required")
    return line
