"""A program's terms and rules as members may read them: sentences first, data beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.earning.describe import describe, expiry_words
from loyalty.earning.vocabulary.parse import dump_rule
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.earning.wording import Wording
from loyalty.program_settings import ProgramSettings

# How rules compete and what they may cost in all is the shop's own affair.
PUBLIC = {"trigger", "effect", "conditions", "rounding", "limits", "pending_days", "expires"}

Told = dict[str, Any]


def public_rule(spec: RuleVersionSpec, currency: str) -> Told:
    """Return a rule as one sentence and as data, without budget, group and priority."""
    limits = spec.limits.model_copy(update={"budget": None})
    shown = spec.model_copy(update={"limits": limits})
    data = dump_rule(shown)
    return {
        "label": spec.label,
        "text": describe(shown, currency),
        "spec": {name: value for name, value in data.items() if name in PUBLIC},
    }


def public_terms(settings: ProgramSettings, currency: str) -> list[Told]:
    """Return the settings that concern members, each in words and as data."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return [
        {"setting": name, "text": text, "value": values[name]}
        for name, text in _words(settings, Wording.for_reader(currency))
    ]


def _words(settings: ProgramSettings, say: Wording) -> Iterator[tuple[str, str]]:
    yield "expiry", expiry_words(settings.expiry, say)
    yield "pending_days", _pending(settings.pending_days, say)
    yield (
        "earns_on_products_only",
        _("only products earn points")
        if settings.earns_on_products_only
        else _("shipping, tips, fees and memberships earn points too"),
    )
    yield (
        "earns_net_of_tax",
        _("points are counted without tax")
        if settings.earns_net_of_tax
        else _("points are counted with tax"),
    )
    yield (
        "earns_on_part_paid_with_points",
        _("what is paid with points or a gift card earns points too")
        if settings.earns_on_part_paid_with_points
        else _("what is paid with points or a gift card earns nothing"),
    )
    yield "debt", _debt(settings)


def _pending(days: int, say: Wording) -> str:
    if not days:
        return _("usable at once")
    return ngettext("usable after %(days)s day", "usable after %(days)s days", days) % {
        "days": say.number(days)
    }


def _debt(settings: ProgramSettings) -> str:
    if settings.debt == "negative":
        return _("points of returned goods that are spent already are owed")
    return _("points of returned goods that are spent already are let go")
