"""A program's terms and rules as members may read them: sentences first, data beside them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.currencies import decimals_of
from loyalty.challenges.levels import levels_words
from loyalty.earning.describe import describe, expiry_words, waiting_words
from loyalty.earning.vocabulary.parse import dump_rule
from loyalty.earning.vocabulary.paying import PayWithPoints
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.earning.wording import Names, Wording
from loyalty.program_settings import ProgramSettings

# How rules compete and what they may cost in all is the shop's own affair.
PUBLIC = {
    "trigger",
    "effect",
    "conditions",
    "rounding",
    "limits",
    "pending_days",
    "waits_for",
    "expires",
    "ends_at",
}

_PAID_BACK: dict[str, Promise] = {
    "pro_rata": gettext_lazy("points that paid for returned goods are put back by their share"),
    "cash_first": gettext_lazy(
        "of returned goods the money is given back first, then the points that paid for them"
    ),
    "kept": gettext_lazy("points that paid for returned goods stay spent"),
}

Told = dict[str, Any]


def public_rule(spec: RuleVersionSpec, currency: str, names: Names | None = None) -> Told:
    """Return a rule as one sentence and as data, without budget, group and priority."""
    limits = spec.limits.model_copy(update={"budget": None})
    shown = spec.model_copy(update={"limits": limits})
    data = dump_rule(shown)
    return {
        "label": spec.label,
        "text": describe(shown, currency, names),
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
    if settings.waits_for is not None:
        yield "waits_for", waiting_words(settings.waits_for, say)
    else:
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
    yield from _paying(settings, say)
    yield "debt", _debt(settings)
    yield "goodwill_days", _goodwill(settings.goodwill_days, say)
    if settings.proof_points_from is not None:
        yield "proof_points_from", _proof(settings.proof_points_from, say)
    yield "claim_days", _claim(settings.claim_days, say)
    if settings.levels is not None:
        yield "levels", levels_words(settings.levels, say)


def _proof(points: int, say: Wording) -> str:
    said = _("who spends %(points)s or more within an hour at a till shows their phone or a code")
    return said % {"points": say.points(points)}


def _paying(settings: ProgramSettings, say: Wording) -> Iterator[tuple[str, str]]:
    if settings.point_value is None:
        return
    yield "point_value", _worth(settings.point_value, say)
    if settings.pay_with_points is not None:
        yield "pay_with_points", _tender(settings.pay_with_points, say)
        yield "points_paid_back", str(_PAID_BACK[settings.points_paid_back])


def _worth(value: Decimal, say: Wording) -> str:
    """Say it of as many points as come to a sum that can be paid: one, ten, a hundred."""
    decimals = decimals_of(say.currency)
    count = next(count for count in (1, 10, 100, 1000) if (value * count * 10**decimals) % 1 == 0)
    told = ngettext("%(points)s is worth %(amount)s", "%(points)s are worth %(amount)s", count)
    return told % {"points": say.points(count), "amount": say.money(value * count)}


def _tender(paying: PayWithPoints, say: Wording) -> str:
    parts = [_("points can pay for purchases")]
    if paying.minimum > 1:
        parts.append(_("from %(points)s on") % {"points": say.points(paying.minimum)})
    if paying.step > 1:
        parts.append(_("in steps of %(points)s") % {"points": say.points(paying.step)})
    if paying.share_max < 100:
        parts.append(_("up to %(share)s%% of each") % {"share": say.number(paying.share_max)})
    if paying.points_max is not None:
        parts.append(_("at most %(points)s for one") % {"points": say.points(paying.points_max)})
    return ", ".join(parts)


def _pending(days: int, say: Wording) -> str:
    if not days:
        return _("usable at once")
    return ngettext("usable after %(days)s day", "usable after %(days)s days", days) % {
        "days": say.number(days)
    }


def _goodwill(days: int, say: Wording) -> str:
    if not days:
        return _("points of a canceled reward keep the end they had")
    return ngettext(
        "points of a canceled reward that have ended are usable for %(days)s day more",
        "points of a canceled reward that have ended are usable for %(days)s days more",
        days,
    ) % {"days": say.number(days)}


def _claim(days: int, say: Wording) -> str:
    if not days:
        return _("a purchase without the card earns nothing afterwards")
    return ngettext(
        "a purchase without the card can be claimed by its receipt for %(days)s day",
        "a purchase without the card can be claimed by its receipt for %(days)s days",
        days,
    ) % {"days": say.number(days)}


def _debt(settings: ProgramSettings) -> str:
    if settings.debt == "negative":
        return _("points of returned goods that are spent already are owed")
    if settings.debt == "deduct":
        return _("points of returned goods that are spent already are kept back from the refund")
    return _("points of returned goods that are spent already are let go")
