"""Reasons for discounts in words, in the reader's language and the organization's currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.earning import explain
from loyalty.earning.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loyalty.earning.reasons import Reason

    Told = Callable[[Mapping[str, Any], Wording], str]


def sentence(reason: Reason, currency: str) -> str:
    """Say one reason in plain words; it may come from the reckoning or out of storage."""
    tell = _TOLD.get(reason.code)
    if tell is None:
        return explain.sentence(reason, currency)
    return tell(explain.stored(reason)["params"], Wording.for_reader(currency))


def as_json(reason: Reason, currency: str) -> dict[str, Any]:
    """Return one reason as answers carry it: a code, its words and its values."""
    return {
        "code": reason.code,
        "text": sentence(reason, currency),
        "params": explain.stored(reason)["params"],
    }


def _percent_off(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(percent)s%% off") % {"percent": say.number(params["percent"])}


def _amount_off(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(amount)s off") % {"amount": say.price(params["amount"])}


def _part_of_amount_off(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(amount)s of %(of)s off: there was no more to take it from") % {
        "amount": say.money(params["amount"]),
        "of": say.price(params["of"]),
    }


def _member_price(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("the price for members")


def _scale(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(percent)s%% off for %(spent)s spent before") % {
        "percent": say.number(params["percent"]),
        "spent": say.money(params["spent"]),
    }


def _scale_goes_on(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(missing)s more and it is %(percent)s%%") % {
        "missing": say.money(params["missing"]),
        "percent": say.number(params["next"]),
    }


def _scale_not_reached(params: Mapping[str, Any], say: Wording) -> str:
    return _("only from %(from)s spent; %(missing)s more are needed") % {
        "from": say.price(params["from"]),
        "missing": say.money(params["missing"]),
    }


def _free_shipping(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("shipping is free")


def _free_product(params: Mapping[str, Any], say: Wording) -> str:
    told = ngettext(
        "%(n)s is free, the cheapest", "%(n)s are free, the cheapest", params["quantity"]
    )
    return told % {"n": say.number(params["quantity"])}


def _better_discount(params: Mapping[str, Any], say: Wording) -> str:
    return _("%(instead)s takes more off") % {"instead": say.every(params["instead"])}


def _no_effect(params: Mapping[str, Any], say: Wording) -> str:
    if params["instead"]:
        return _("not used and still good: with %(instead)s it would take nothing more off") % {
            "instead": say.every(params["instead"])
        }
    return _("not used and still good: it would take nothing off")


def _nothing_off(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("nothing is left to take it off")


def _no_line(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("nothing was bought that it is about")


def _members_only(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("only for members")


def _bearer_card_needed(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG001
    return _("only for whoever shows a bearer card")


_TOLD: dict[str, Told] = {
    "percent_off": _percent_off,
    "amount_off": _amount_off,
    "part_of_amount_off": _part_of_amount_off,
    "member_price": _member_price,
    "scale": _scale,
    "scale_goes_on": _scale_goes_on,
    "scale_not_reached": _scale_not_reached,
    "free_shipping": _free_shipping,
    "free_product": _free_product,
    "better_discount": _better_discount,
    "no_effect": _no_effect,
    "nothing_off": _nothing_off,
    "no_line_to_discount": _no_line,
    "members_only": _members_only,
    "bearer_card_needed": _bearer_card_needed,
}
CODES = frozenset(_TOLD)
