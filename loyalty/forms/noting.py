"""Something a member did besides buying, as somebody in the office notes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from loyalty.earning.vocabulary.labels import value_label
from loyalty.earning.vocabulary.triggers import ActivityKind

# What the platform notes by itself, on the day.
BY_ITSELF = (ActivityKind.JOINED, ActivityKind.BIRTHDAY, ActivityKind.JOIN_ANNIVERSARY)
NAME_LENGTH_MAX = 50
NOTE_LENGTH_MAX = 200


class NoteForm(KeyForm):
    """What was done, when, and what there is to say of it."""

    kind = forms.ChoiceField(label=_("What they did"))
    name = forms.CharField(
        label=_("Its name"),
        help_text=_("Only for something of your own: the name that the rule knows."),
        max_length=NAME_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )
    at = forms.DateTimeField(
        label=_("When"),
        help_text=_("Leave it empty for now."),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_LENGTH_MAX,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in ActivityKind if kind not in BY_ITSELF]
        choices = [(kind.value, value_label("kind", kind.value)) for kind in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
