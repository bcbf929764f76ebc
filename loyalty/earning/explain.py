"""Reasons put into words, in the reader's language and the program's currency."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.earning.exact import plain
from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.limits import LimitKind
from loyalty.earning.vocabulary.parts import clock
from loyalty.earning.vocabulary.rule import CONDITIONS, EFFECTS
from loyalty.earning.vocabulary.triggers import for_activity
from loyalty.earning.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.utils.functional import Promise

    from loyalty.earning.reasons import Reason

    Told = Callable[[Mapping[str, Any], Wording], str]


def sentence(reason: Reason, currency: str) -> str:
    """Say one reason in plain words; it may come from the engine or out of storage."""
    return _said(reason.code, json.dumps(_stored(reason.params)), currency, get_language())


def as_json(reason: Reason, currency: str) -> dict[str, Any]:
    """Return one reason as answers carry it: a code, its words and its values."""
    values = _stored(reason.params)
    return {
        "code": reason.code,
        "text": _said(reason.code, json.dumps(values), currency, get_language()),
        "params": values,
    }


# Most receipts are told the same of most rules, and finding words takes longer than the counting.
@lru_cache(maxsize=4096)
def _said(code: str, values: str, currency: str, _language: str | None) -> str:
    if code in _FIXED:
        return str(_FIXED[code])
    return _TOLD[code](json.loads(values), Wording.for_reader(currency))


def stored(reason: Reason) -> dict[str, Any]:
    """Return one reason as it is kept: without words, which belong to the reader."""
    return {"code": reason.code, "params": _stored(reason.params)}


def _stored(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, time):
        return clock(value)
    return value.isoformat() if isinstance(value, date) else value


def _all_part_paid(params: Mapping[str, Any], say: Wording) -> str:
    return _("all of it was paid with points or a gift card (%(paid)s)") % {
        "paid": say.money(params["paid"])
    }


def _part_paid(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(paid)s of %(of)s was paid with points or a gift card and earns nothing") % {
        "paid": say.money(params["paid"]),
        "of": say.money(params["of"]),
    }


def _capped(params: Mapping[str, Any], say: Wording) -> str:
    sentences = {
        LimitKind.PURCHASE: _("capped at %(points)s per purchase (desired %(desired)s)"),
        LimitKind.DAY: _("%(points)s left of the limit per member a day (desired %(desired)s)"),
        LimitKind.WEEK: _("%(points)s left of the limit per member a week (desired %(desired)s)"),
        LimitKind.MONTH: _("%(points)s left of the limit per member a month (desired %(desired)s)"),
        LimitKind.YEAR: _("%(points)s left of the limit per member a year (desired %(desired)s)"),
        LimitKind.EVER: _("%(points)s left of the limit per member (desired %(desired)s)"),
        LimitKind.BUDGET: _("%(points)s left of the rule's budget (desired %(desired)s)"),
        LimitKind.CARD: _("%(points)s left of what the card takes in a day (desired %(desired)s)"),
    }
    return sentences[LimitKind(params["limit"])] % {
        "points": say.short(params.get("unit", Unit.POINTS), params["points"]),
        "desired": say.number(params["desired"]),
    }


def _better_rule(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(rule)s counts instead: %(given)s rather than %(instead_of)s") % {
        "rule": params["rule"],
        "given": say.counted(params.get("unit", Unit.POINTS), params["given"]),
        "instead_of": say.number(params["instead_of"]),
    }


def _preferred_rule(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("%(rule)s counts instead") % {"rule": params["rule"]}


def _not_open(params: Mapping[str, Any], say: Wording) -> str:
    name = say.named(params["unit"], params["code"])
    if params["unit"] == Unit.STAMPS:
        return _("card %(name)s takes no stamps now") % {"name": name}
    return _("%(name)s does not run now") % {"name": name}


def _only_for(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("only %(what)s") % {"what": for_activity(params["activity"], params["name"])}


def _carried_before(params: Mapping[str, Any], say: Wording) -> str:
    return _("with %(amount)s carried over from before") % {"amount": say.price(params["amount"])}


def _carried_over(params: Mapping[str, Any], say: Wording) -> str:
    values = {"amount": say.price(params["amount"]), "missing": say.price(params["missing"])}
    sentences = {
        Unit.POINTS: _("%(amount)s carried over, %(missing)s to the next point"),
        Unit.STAMPS: _("%(amount)s carried over, %(missing)s to the next stamp"),
        Unit.STEPS: _("%(amount)s carried over, %(missing)s to the next step"),
        Unit.CREDITS: _("%(amount)s carried over, %(missing)s to the next credit"),
        Unit.TICKETS: _("%(amount)s carried over, %(missing)s to the next ticket"),
    }
    return sentences[Unit(params["unit"])] % values


def _tier(params: Mapping[str, Any], say: Wording) -> str:
    if params["is_new"]:
        sentence = _("%(tier)s, reached with this purchase: %(times)s times the base of %(base)s")
    else:
        sentence = _("%(tier)s, held before this purchase: %(times)s times the base of %(base)s")
    return sentence % {
        "tier": params["tier"],
        "times": say.number(params["times"]),
        "base": say.number(params["base"]),
    }


_FIXED: dict[str, Promise] = {
    "nothing_earns": gettext_lazy("nothing on this purchase earns points"),
    "no_line_meets_all": gettext_lazy("no line meets all conditions at once"),
    "no_base_points": gettext_lazy("there are no base points to multiply"),
    "rounded_down": gettext_lazy("rounded down to a whole point"),
    "rounded_up": gettext_lazy("rounded up to a whole point"),
    "rounded_half_up": gettext_lazy("rounded to the nearest whole point"),
    "rounded_half_even": gettext_lazy("rounded to the nearest whole point, halves to even"),
    "whole_down": gettext_lazy("rounded down to a whole one"),
    "whole_up": gettext_lazy("rounded up to a whole one"),
    "whole_half_up": gettext_lazy("rounded to the nearest whole one"),
    "whole_half_even": gettext_lazy("rounded to the nearest whole one, halves to even"),
}
_TOLD: dict[str, Told] = {
    "all_part_paid": _all_part_paid,
    "part_paid": _part_paid,
    "capped": _capped,
    "better_rule": _better_rule,
    "preferred_rule": _preferred_rule,
    "not_open": _not_open,
    "only_for": _only_for,
    "tier": _tier,
    "carried_before": _carried_before,
    "carried_over": _carried_over,
    **{kind.unmet_code: kind.why_not for kind in CONDITIONS.values()},
    **{code: kind.told for code, kind in EFFECTS.items()},
}
CODES = frozenset([*_FIXED, *_TOLD])
