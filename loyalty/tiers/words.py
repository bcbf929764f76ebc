"""The ladder in sentences, for whoever sets it up and for members."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from loyalty.earning.wording import Wording
from loyalty.tiers.spec import Benefits, ForSoLong, LadderSpec, RollingMonths, Tier

_TO_THE_END: dict[str, Promise] = {
    "month": gettext_lazy("A tier holds for %(months)s, to the end of that month."),
    "quarter": gettext_lazy("A tier holds for %(months)s, to the end of that quarter."),
    "year": gettext_lazy("A tier holds for %(months)s, to the end of that year."),
    "membership_year": gettext_lazy(
        "A tier holds for %(months)s, to the end of that year of membership."
    ),
}
_TO_THIS_END: dict[str, Promise] = {
    "month": gettext_lazy("A tier holds to the end of the month."),
    "quarter": gettext_lazy("A tier holds to the end of the quarter."),
    "year": gettext_lazy("A tier holds to the end of the year."),
    "membership_year": gettext_lazy("A tier holds to the end of the year of membership."),
}
_DOWN: dict[str, Promise] = {
    "none": gettext_lazy("Who has reached a tier keeps it."),
    "one_level": gettext_lazy("Who does not reach it again then goes one tier down."),
    "full": gettext_lazy("Who does not reach it again then has the tier of what they did."),
}
_RETURNS: dict[str, Promise] = {
    "now": gettext_lazy("What comes back counts no more, and may take a tier at once."),
    "at_period_end": gettext_lazy(
        "What comes back counts no more; a tier that was reached stays until its end."
    ),
    "never": gettext_lazy("What comes back counts all the same."),
}
_COUNTS: dict[str, Promise] = {
    "before": gettext_lazy("A purchase has the benefits of the tier held before it."),
    "after": gettext_lazy("A purchase that reaches a tier has its benefits already."),
}


def amount_words(basis: str, amount: Decimal, say: Wording) -> str:
    """Write "£120", "120 points", "3 visits" or "5 credits"."""
    if basis == "spend":
        return say.price(amount)
    count = int(amount)
    if basis == "points":
        return say.points(count)
    sentence = {
        "visits": ngettext("%(count)s visit", "%(count)s visits", count),
        "credits": ngettext("%(count)s credit", "%(count)s credits", count),
    }[basis]
    return sentence % {"count": say.number(count)}


def ladder_words(ladder: LadderSpec) -> list[str]:
    """Return how tiers are reached, how long they hold and what becomes of them, in sentences."""
    return list(_sentences(ladder))


def reached_words(ladder: LadderSpec, tier: Tier, say: Wording) -> str:
    """Write how one comes to a tier: "from £500 on"."""
    if tier.kind == "invitation":
        return _("by invitation")
    if tier.kind == "paid":
        months = ngettext("%(count)s month", "%(count)s months", tier.months or 0)
        return _("with a membership of %(months)s") % {
            "months": months % {"count": say.number(tier.months or 0)}
        }
    amount = amount_words(ladder.basis, tier.threshold or Decimal(0), say)
    return _("from %(amount)s on") % {"amount": amount}


def benefit_words(benefits: Benefits, say: Wording) -> list[str]:
    """Return what members of a tier have of it by themselves, benefit by benefit."""
    return list(_benefits(benefits, say))


def noted_words(benefits: Benefits) -> list[str]:
    """Return what is noted of a tier for the shop, and is given by nobody but people."""
    return [_("a reward of this tier: %(name)s") % {"name": name} for name in benefits.rewards]


def _sentences(ladder: LadderSpec) -> Iterator[str]:
    if not ladder.tiers:
        yield _("There are no tiers.")
        return
    yield _counted(ladder)
    yield _holds(ladder)
    if isinstance(ladder.valid, ForSoLong):
        yield str(_DOWN[ladder.downgrade])
        if ladder.grace_days and ladder.downgrade != "none":
            sentence = ngettext(
                "For %(count)s day after that it is kept and can still be reached again.",
                "For %(count)s days after that it is kept and can still be reached again.",
                ladder.grace_days,
            )
            yield sentence % {"count": ladder.grace_days}
    yield str(_RETURNS[ladder.returns])
    if any(tier.benefits.multiplier is not None for tier in ladder.tiers):
        yield str(_COUNTS[ladder.counts])


def _counted(ladder: LadderSpec) -> str:
    what = {
        "points": _("the points that rules give"),
        "spend": _("what is spent"),
        "visits": _("days with a purchase"),
        "credits": _("credits that rules give"),
    }[ladder.basis]
    if isinstance(ladder.window, RollingMonths):
        sentence = ngettext(
            "A tier is reached by %(what)s in the last month.",
            "A tier is reached by %(what)s in the last %(count)s months.",
            ladder.window.months,
        )
        return sentence % {"what": what, "count": ladder.window.months}
    return {
        "calendar_year": _("A tier is reached by %(what)s in the calendar year."),
        "membership_year": _("A tier is reached by %(what)s in the year of membership."),
        "lifetime": _("A tier is reached by %(what)s since joining."),
    }[ladder.window.type] % {"what": what}


def _holds(ladder: LadderSpec) -> str:
    valid = ladder.valid
    if not isinstance(valid, ForSoLong) or ladder.downgrade == "none":
        return _("A tier that was reached holds for good.")
    if not valid.months and valid.round_up:
        return str(_TO_THIS_END[valid.round_up])
    counted = ngettext("%(count)s month", "%(count)s months", valid.months)
    months = counted % {"count": valid.months}
    if valid.round_up is None:
        return _("A tier holds for %(months)s.") % {"months": months}
    return str(_TO_THE_END[valid.round_up]) % {"months": months}


def _benefits(benefits: Benefits, say: Wording) -> Iterator[str]:
    if benefits.multiplier is not None:
        yield _("%(times)s times the points") % {"times": say.number(benefits.multiplier)}
    if benefits.percent_off is not None:
        yield _("%(percent)s%% off every purchase") % {"percent": say.number(benefits.percent_off)}
    if benefits.free_shipping:
        yield _("free shipping")
    for gift in benefits.gifts:
        yield _("on reaching it: %(gift)s") % {"gift": gift.words(say)}
    yield from benefits.service
