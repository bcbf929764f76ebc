"""What the office's pages of a program show, finished: terms and changes in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Organization
from core.templatetags.formats import number
from loyalty.earning.vocabulary.labels import FIELDS, value_label
from loyalty.program_settings import ProgramSettings
from loyalty.queries import programs_of
from loyalty.terms import public_terms

INTERNAL = (
    "return_without_sale",
    "hold_seconds",
    "receipt_age_days_max",
    "adjustment_points_max",
    "adjustment_points_per_day_max",
    "margin_share_max",
)
_PARTS: dict[str, Promise] = {
    "program.name": gettext_lazy("The program's name"),
    "program.status": gettext_lazy("The program's state"),
    "program.is_open": gettext_lazy("Who takes part in the program"),
    "program.settings": gettext_lazy("The program's terms"),
}
_KINDS: dict[str, Promise] = {
    "rules": gettext_lazy("Rule: %(name)s"),
    "rewards": gettext_lazy("Reward: %(name)s"),
    "challenges": gettext_lazy("Challenge: %(name)s"),
}


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """One program in the list."""

    name: str
    url: str
    state: str
    label: str


def program_rows(organization: Organization) -> list[ProgramRow]:
    """Return the organization's programs, oldest first."""
    url = reverse("office:program", args=[organization.slug])
    return [
        ProgramRow(one.name, f"{url}?program={one.slug}", one.status, one.get_status_display())
        for one in programs_of(organization)
    ]


def terms_in_words(settings: ProgramSettings, currency: str) -> list[tuple[str, str]]:
    """Return what holds for members in sentences, then what holds for the staff."""
    told = [("", str(term["text"])) for term in public_terms(settings, currency)]
    values = settings.model_dump(mode="json")
    for name in INTERNAL:
        value = values[name]
        shown = number(value) if isinstance(value, int) else str(value_label(name, value))
        told.append((str(FIELDS[f"settings.{name}"]), shown))
    return told


def change_words(document: Any, changes: Iterable[str]) -> list[str]:
    """Say what loading a file changes, by the names that the file gives its parts."""
    return [_change(document, change) for change in changes]


def _change(document: Mapping[str, Any], change: str) -> str:
    if change in _PARTS:
        return str(_PARTS[change])
    kind, _dot, code = change.partition(".")
    named = {part["code"]: part["name"] for part in document.get(kind, ())}
    sentence = _KINDS.get(kind)
    return str(sentence) % {"name": named.get(code, code)} if sentence else _("Other: %s") % change
