"""What rewards are, in words and pictures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.templatetags.formats import number
from loyalty.earning.wording import Wording
from rewards.kinds import AmountOff, AnyKind, Donation, DrawTicket, GiftCard, PercentOff

COUNTS_DOWN = 14  # days

ICONS = {
    "percent_off": "receipt-percent",
    "amount_off": "banknotes",
    "free_product": "gift",
    "product_with_purchase": "shopping-bag",
    "free_shipping": "truck",
    "gift_card": "credit-card",
    "experience": "sparkles",
    "donation": "heart",
    "draw_ticket": "ticket",
    "exclusive": "star",
    "access": "key",
    "choose_one": "squares-2x2",
}
WHAT_TO_DO = {
    "percent_off": gettext_lazy("Show the voucher at the till before you pay."),
    "amount_off": gettext_lazy("Show the voucher at the till before you pay."),
    "free_product": gettext_lazy("Show the voucher at the till."),
    "product_with_purchase": gettext_lazy("Show the voucher at the till with your purchase."),
    "free_shipping": gettext_lazy("Use the voucher's code when you order."),
    "gift_card": gettext_lazy("The credit is yours as soon as you take it."),
    "experience": gettext_lazy("Show the voucher when you come."),
    "donation": gettext_lazy("There is nothing more for you to do."),
    "draw_ticket": gettext_lazy("Your tickets take part as soon as you take them."),
    "exclusive": gettext_lazy("Show the voucher at the till."),
    "access": gettext_lazy("What opens it stands on your voucher."),
    "choose_one": gettext_lazy("Choose one; you get a voucher for it."),
}


def kind_worth(promise: AnyKind, say: Wording) -> str:
    """Say what it comes to; a product needs no more words than its name."""
    match promise:
        case PercentOff():
            told = _("%(percent)s %% off") % {"percent": say.number(promise.percent)}
        case AmountOff():
            told = _("%(amount)s off") % {"amount": say.money(promise.amount)}
        case GiftCard():
            told = _("%(amount)s of credit") % {"amount": say.money(promise.amount)}
        case Donation():
            told = _donated(promise)
        case DrawTicket():
            told = ngettext("%(shown)s ticket", "%(shown)s tickets", promise.tickets) % {
                "shown": say.number(promise.tickets)
            }
        case _:
            told = ""
    return told


def _donated(promise: Donation) -> str:
    if promise.gives is None:
        return promise.partner
    return _("%(gives)s for %(partner)s") % {"gives": promise.gives, "partner": promise.partner}


def minimum_of(promise: AnyKind, say: Wording) -> str:
    """Say what the purchase has to come to, where that matters."""
    minimum = getattr(promise, "minimum", None)
    return (
        ""
        if minimum is None
        else _("from a purchase of %(amount)s on") % {"amount": say.money(minimum)}
    )


def countdown(ends_on: date | None, today: date, say: Wording) -> str:
    """Say how long it is still offered, when that is not long."""
    days = (ends_on - today).days if ends_on is not None else COUNTS_DOWN + 1
    if not 0 <= days <= COUNTS_DOWN:
        return ""
    if days == 0:
        return pgettext("a reward", "ends today")
    return ngettext("%(shown)s day left", "%(shown)s days left", days) % {
        "shown": say.number(Decimal(days))
    }


def number_in_edition(serial: int | None, of: int | None) -> str:
    """Say which of a limited edition it is."""
    if serial is None or of is None:
        return ""
    return _("No. %(number)s of %(all)s") % {"number": number(serial), "all": number(of)}


def limit_words(count: int | None, period: str, say: Wording) -> str:
    """Say how many one member may take."""
    if count is None:
        return ""
    told = {"shown": say.number(Decimal(count))}
    sentences = {
        "ever": _("%(shown)s per member"),
        "year": _("%(shown)s per member and year"),
        "month": _("%(shown)s per member and month"),
        "week": _("%(shown)s per member and week"),
        "day": _("%(shown)s per member and day"),
    }
    return sentences[period] % told
