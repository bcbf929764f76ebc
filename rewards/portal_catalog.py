"""The catalog as members look through it: cards, their filters, and a page for each reward."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.days import local_day
from core.keyed_forms import new_key
from core.templatetags.formats import day, number
from loyalty.earning.wording import Wording
from loyalty.services.tier_reading import current_ladder
from members.models import Member
from rewards.kind_words import ICONS, WHAT_TO_DO, countdown, kind_worth, limit_words, minimum_of
from rewards.looks import Filter, address_of
from rewards.models import Reward
from rewards.services.shelf import LIMIT_REACHED, NOT_ELIGIBLE, Offer

NEAR = 70  # percent of the price
SHOWN = {
    "": gettext_lazy("All"),
    "now": gettext_lazy("Within reach"),
    "near": gettext_lazy("Almost there"),
}


@dataclass(frozen=True, slots=True)
class OfferView:
    """A reward as the member may have it, as a card; each has the key of its own form."""

    offer: Offer
    key: str
    progress: int
    icon: str = "gift"
    worth: str = ""
    countdown: str = ""
    edition: str = ""
    note: str = ""

    @property
    def group(self) -> str:
        """Say what stands between the member and the reward: nothing, something, or its end."""
        if self.offer.can_have:
            return "now"
        return "sold_out" if self.offer.is_sold_out else "later"


@dataclass(frozen=True, slots=True)
class Look:
    """What the address says of how the catalog is looked through."""

    show: str = ""
    category: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Look:
        """Read the address; what it says wrong means everything."""
        show = told.get("show", "")
        return cls(show if show in SHOWN else "", told.get("category", "")[:50])

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is left out."""
        return bool(self.show or self.category)

    def keeps(self, view: OfferView) -> bool:
        """Say whether a reward is among what is looked for."""
        category = view.offer.reward.category
        if self.category and (category is None or category.code != self.category):
            return False
        if self.show == "now":
            return view.offer.can_have
        if self.show == "near":
            return bool(view.offer.missing) and view.progress >= NEAR and not view.offer.reason
        return True


@dataclass(frozen=True, slots=True)
class RewardPage:
    """One reward with all there is to know before it is taken."""

    view: OfferView
    what_to_do: str
    facts: Sequence[tuple[str, str]]
    options: Sequence[OfferView] = field(default=())


def offer_views(member: Member, offers: Iterable[Offer]) -> list[OfferView]:
    """Return offers as cards, in their order."""
    shown = list(offers)
    today = local_day(timezone.now(), member.organization.zone)
    say = Wording.for_reader(member.organization.currency)
    names = _tier_names(shown)
    return [_view(offer, today, say, names) for offer in shown]


def offers_shown(views: Iterable[OfferView]) -> dict[str, list[OfferView]]:
    """Sort the cards by what stands between them and the member."""
    groups: dict[str, list[OfferView]] = {"now": [], "later": [], "sold_out": []}
    for view in views:
        groups[view.group].append(view)
    return groups


def filters(views: Sequence[OfferView], look: Look) -> dict[str, list[Filter]]:
    """Return the ways to look through the catalog; one that changes nothing is not offered."""
    found = {
        view.offer.reward.category.code: view.offer.reward.category
        for view in views
        if view.offer.reward.category
    }
    categories = sorted(found.values(), key=lambda one: (one.position, one.pk))
    shelves = [("", _("Everything")), *((one.code, one.name) for one in categories)]
    return {
        "reach": [
            Filter(str(label), address_of(show=show, category=look.category), show == look.show)
            for show, label in SHOWN.items()
        ],
        "categories": [
            Filter(label, address_of(show=look.show, category=code), code == look.category)
            for code, label in shelves
            if len(shelves) > 1
        ],
    }


def reward_page(member: Member, offer: Offer) -> RewardPage:
    """Return one reward with what it comes to, and what there is to choose from."""
    [view, *options] = offer_views(member, [offer, *offer.options])
    say = Wording.for_reader(member.organization.currency)
    kind = offer.reward.kind
    return RewardPage(view, str(WHAT_TO_DO[kind]), _facts(offer.reward, say), options)


def _view(
    offer: Offer, today: date, say: Wording, names: Mapping[tuple[int, str], str]
) -> OfferView:
    reward = offer.reward
    return OfferView(
        offer=offer,
        key=new_key(),
        progress=offer.progress,
        icon=ICONS[reward.kind],
        worth=kind_worth(reward.promise, say),
        countdown=countdown(reward.ends_on, today, say),
        edition=_edition(reward),
        note=_note(offer, names),
    )


def _edition(reward: Reward) -> str:
    """Say how many of a limited edition are left."""
    if not reward.is_limited_edition or reward.stock is None:
        return ""
    told = {"left": number(reward.stock), "all": number(reward.stock_initial or 0)}
    return _("%(left)s of %(all)s left") % told


def _note(offer: Offer, names: Mapping[tuple[int, str], str]) -> str:
    """Say what stands in the way, beside points and an empty shelf, which show themselves."""
    if offer.reason == LIMIT_REACHED:
        return _("You have had yours.")
    if offer.reason != NOT_ELIGIBLE:
        return ""
    tiers = [names.get((offer.reward.program_id, code)) for code in offer.reward.tiers]
    first = next((tier for tier in tiers if tier), None)
    return _("From %(tier)s on") % {"tier": first} if first else _("For certain members only")


def _tier_names(offers: Iterable[Offer]) -> dict[tuple[int, str], str]:
    """Return what the tiers are called that somebody would have to be in."""
    programs = {
        one.reward.program_id: one.reward.program
        for one in offers
        if one.reason == NOT_ELIGIBLE and one.reward.tiers
    }
    return {
        (program.pk, tier.code): tier.name
        for program in programs.values()
        if (ladder := current_ladder(program)) is not None
        for tier in ladder.tiers
    }


def _facts(reward: Reward, say: Wording) -> list[tuple[str, str]]:
    """Return what there is to know besides, as labels with their words."""
    days = reward.valid_days
    told = [
        (_("For a purchase"), minimum_of(reward.promise, say)),
        (_("How many"), limit_words(reward.limit_count, reward.limit_period, say)),
        (_("Offered until"), day(reward.ends_on) if reward.ends_on else ""),
        (
            _("Voucher"),
            _("valid for %(days)s days") % {"days": say.number(Decimal(days))} if days else "",
        ),
    ]
    return [(label, words) for label, words in told if words]
