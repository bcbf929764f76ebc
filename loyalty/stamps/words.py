"""A stamp card in words: what it asks for and gives, and what is missing still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.earning.units import Unit
from loyalty.gifts import VoucherGift

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loyalty.earning.wording import Wording
    from loyalty.gifts import AnyGift
    from loyalty.stamps.spec import StampCardSpec


def gifts_in_short(gifts: Iterable[AnyGift], say: Wording) -> str:
    """Write "Coffee and 10 points": of vouchers, what they are for."""
    return say.every(
        say.named(Unit.VOUCHERS, gift.reward) if isinstance(gift, VoucherGift) else gift.words(say)
        for gift in gifts
    )


def describe_card(spec: StampCardSpec, say: Wording) -> str:
    """Return the card in one sentence: "8 stamps: Coffee"."""
    values = {
        "stamps": say.counted(Unit.STAMPS, spec.size),
        "gifts": gifts_in_short(spec.gifts, say),
    }
    return _("%(stamps)s: %(gifts)s") % values


def card_terms(spec: StampCardSpec, say: Wording) -> list[str]:
    """Return what else holds, each in a sentence of its own."""
    on_the_way = [
        _("with %(stamps)s already: %(gifts)s")
        % {"stamps": say.counted(Unit.STAMPS, one.at), "gifts": gifts_in_short(one.gifts, say)}
        for one in spec.milestones
    ]
    if spec.per_day is not None:
        most = say.counted(Unit.STAMPS, spec.per_day)
        on_the_way.append(_("at most %(stamps)s a day") % {"stamps": most})
    if spec.months is None:
        return [*on_the_way, _("stamps never lapse")]
    lapse = ngettext(
        "stamps lapse after %(n)s month without a new one",
        "stamps lapse after %(n)s months without a new one",
        spec.months,
    )
    return [*on_the_way, lapse % {"n": say.number(spec.months)}]


def so_far(spec: StampCardSpec, stamps: int, say: Wording) -> str:
    """Write "3 of 8"."""
    values = {"stamps": say.number(max(0, stamps)), "size": say.number(spec.size)}
    return _("%(stamps)s of %(size)s") % values


def to_go(spec: StampCardSpec, stamps: int, say: Wording) -> str:
    """Write what matters now: "2 more stamps for Coffee"; of what comes first, what is owed too."""
    at = min(
        (place for place in [*(one.at for one in spec.milestones), spec.size] if place > stamps),
        default=spec.size,
    )
    left = at - stamps
    sentence = ngettext("%(n)s more stamp for %(gifts)s", "%(n)s more stamps for %(gifts)s", left)
    return sentence % {"n": say.number(left), "gifts": gifts_in_short(spec.gifts_at(at), say)}
