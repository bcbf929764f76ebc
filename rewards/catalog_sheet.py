"""One reward in the office: what its form begins with, what it can name, and its facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.days import local_day
from core.keyed_forms import new_key
from core.models import Organization
from core.queries import stores_of
from core.templatetags.formats import day, money, number
from loyalty.earning.wording import Wording
from loyalty.queries import programs_of
from loyalty.services.tier_reading import current_ladder
from members.queries import groups_of
from rewards.catalog_forms import Named
from rewards.kind_words import ICONS, countdown, kind_worth, limit_words, minimum_of
from rewards.kinds import DETAILS
from rewards.models import Reward, RewardCategory
from rewards.portal_catalog import OfferView
from rewards.queries import categories_of, rewards_of
from rewards.services.catalog_changes import AS_WRITTEN, CODES
from rewards.services.shelf import Offer


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category with how many rewards it has; each has the key of its own forms."""

    public_id: UUID
    name: str
    size: int
    is_first: bool
    is_last: bool
    key: str


def category_rows(categories: Iterable[RewardCategory]) -> list[CategoryRow]:
    """Return categories as a list of them shows them, in their order."""
    found = list(categories)
    return [
        CategoryRow(
            public_id=one.public_id,
            name=one.name,
            size=one.size,  # type: ignore[attr-defined]  # the query counted them
            is_first=place == 0,
            is_last=place == len(found) - 1,
            key=new_key(),
        )
        for place, one in enumerate(found)
    ]


def named_in(organization: Organization, reward: Reward | None = None) -> Named:
    """Return what a reward can name, of all programs of the organization."""
    others = rewards_of(organization).exclude(kind=Reward.Kind.CHOOSE_ONE)
    if reward is not None:
        others = others.filter(program=reward.program_id).exclude(pk=reward.pk)
    ladders = (current_ladder(program) for program in programs_of(organization))
    return Named(
        categories=list(categories_of(organization).values_list("code", "name")),
        stores=list(stores_of(organization).values_list("code", "name")),
        tiers=[(tier.code, tier.name) for one in ladders if one for tier in one.tiers],
        groups=list(groups_of(organization).values_list("code", "name")),
        options=list(others.exclude(status="ended").values_list("code", "name")),
    )


def known_of(reward: Reward) -> dict[str, Any]:
    """Return what a form about the reward begins with."""
    known: dict[str, Any] = {name: getattr(reward, name) for name in (*AS_WRITTEN, *CODES)}
    promise = reward.promise
    known |= {name: getattr(promise, name, None) for name in DETAILS}
    return known | {
        "amount": reward.amount,
        "category": reward.category.code if reward.category else "",
        "stock": reward.stock_initial,
    }


def preview_of(reward: Reward) -> OfferView:
    """Return the reward as members see it who are on their way to it."""
    organization = reward.program.organization
    say = Wording.for_reader(organization.currency)
    today = local_day(timezone.now(), organization.zone)
    return OfferView(
        offer=Offer(reward, missing=0, is_sold_out=reward.is_sold_out, can_have=False),
        key="",
        progress=0,
        icon=ICONS[reward.kind],
        worth=kind_worth(reward.promise, say),
        countdown=countdown(reward.ends_on, today, say),
    )


def facts_of(reward: Reward) -> list[tuple[str, str]]:
    """Return what is set beside kind, price, stock and voucher, as labels with their words."""
    currency = reward.program.organization.currency
    say = Wording.for_reader(currency)
    told = [
        (_("Category"), reward.category.name if reward.category else ""),
        (_("Costs you"), "" if reward.cost is None else money(reward.cost, currency)),
        (_("For a purchase"), minimum_of(reward.promise, say)),
        (_("First day"), day(reward.starts_on) if reward.starts_on else ""),
        (_("Last day"), day(reward.ends_on) if reward.ends_on else ""),
        (_("From a tier on"), ", ".join(reward.tiers)),
        (_("For groups"), ", ".join(reward.groups)),
        (_("In these stores"), ", ".join(reward.stores)),
        (_("How many"), limit_words(reward.limit_count, reward.limit_period, say)),
        (_("To choose from"), ", ".join(reward.options)),
        (_("Can be taken back"), _undo(reward.undo_minutes)),
    ]
    return [(label, words) for label, words in told if words]


def _undo(minutes: int) -> str:
    if not minutes:
        return _("not at the till")
    return ngettext(
        "%(minutes)s minute long, at the till", "%(minutes)s minutes long, at the till", minutes
    ) % {"minutes": number(minutes)}
