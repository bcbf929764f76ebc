"""What the office shows of the catalog, finished: the rewards, and who took them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from core.keyed_forms import new_key
from core.models import Organization
from core.templatetags.formats import number
from members.models import Member
from members.names import masked_name
from rewards.kind_words import ICONS, number_in_edition
from rewards.looks import Filter, address_of
from rewards.models import Redemption, Reward, Voucher
from rewards.queries import voucher_on, worth
from rewards.services.popularity import NOTHING, Taken
from rewards.voucher_codes import GROUP


@dataclass(frozen=True, slots=True)
class RewardRow:
    """One reward of the catalog."""

    public_id: UUID
    name: str
    kind: str
    points: int
    stock: str
    taken: int
    state: str
    label: str
    picture: str = ""
    icon: str = "gift"
    category: str = ""
    price_money: Decimal | None = None
    left: int | None = None
    in_all: int | None = None
    rank: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """A reward that somebody took, and what became of it."""

    public_id: UUID
    at: datetime
    reward: str
    member: UUID
    name: str
    points: int
    store: str
    code: str
    state: str
    label: str
    reason: str
    can_be_canceled: bool
    key: str
    number: str = ""


def reward_rows(
    organization: Organization, rewards: Iterable[Reward], taken: Mapping[int, Taken]
) -> list[RewardRow]:
    """Return rewards as a list of them shows them, with what was taken of each lately."""
    return [
        RewardRow(
            public_id=reward.public_id,
            name=reward.name,
            kind=worth(reward, organization.currency) or reward.get_kind_display(),
            points=reward.points,
            stock=stock_left(reward),
            taken=lately.times,
            state=reward.status,
            label=reward.get_status_display(),
            picture=reward.picture_id or "",
            icon=ICONS[reward.kind],
            category=reward.category.name if reward.category else "",
            price_money=reward.price_money,
            left=reward.stock,
            in_all=reward.stock_initial,
            rank=lately.rank,
            cost=lately.cost or None,
        )
        for reward in rewards
        for lately in [taken.get(reward.pk, NOTHING)]
    ]


def looks(request_address: Mapping[str, str], shelves: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the ways to look through the catalog, as links that stay in the address."""
    state, category = request_address.get("state", ""), request_address.get("category", "")
    states = [("", _("All")), *((value, str(label)) for value, label in Reward.Status.choices)]
    every = [("", _("Everything")), *shelves]
    return {
        "states": [
            Filter(label, address_of(state=code, category=category), code == state)
            for code, label in states
        ],
        "categories": [
            Filter(label, address_of(state=state, category=code), code == category)
            for code, label in every
            if shelves
        ],
    }


def stock_left(reward: Reward) -> str:
    """Say how many are left of how many, if there is a number."""
    if reward.stock is None or reward.stock_initial is None:
        return "∞"
    told = {"left": number(reward.stock), "all": number(reward.stock_initial)}
    return _("%(left)s of %(all)s") % told


def redemption_rows(
    redemptions: Iterable[Redemption], *, sees_names: bool, may_manage: bool
) -> list[RedemptionRow]:
    """Return who took what; of a code only its end, because the rest is the member's."""
    now = timezone.now()
    return [
        _redemption_row(one, _name(one.member, sees_names=sees_names), now, may_manage=may_manage)
        for one in redemptions
    ]


def _redemption_row(
    redemption: Redemption, name: str, now: datetime, *, may_manage: bool
) -> RedemptionRow:
    voucher = voucher_on(redemption)
    state, label = _state(redemption, voucher, now)
    return RedemptionRow(
        public_id=redemption.public_id,
        at=redemption.created_at,
        reward=redemption.name,
        member=redemption.member.public_id,
        name=name,
        points=redemption.points,
        store=str(redemption.store or ""),
        code=f"…{voucher.code[-GROUP:]}" if voucher else "",
        state=state,
        label=label,
        reason=redemption.reason,
        can_be_canceled=may_manage and state in {"held", "issued"},
        key=new_key(),
        number=number_in_edition(redemption.serial, redemption.serial_of),
    )


def _state(redemption: Redemption, voucher: Voucher | None, now: datetime) -> tuple[str, str]:
    if voucher is None or redemption.status != Redemption.Status.ISSUED:
        return redemption.status, redemption.get_status_display()
    is_over = voucher.valid_until is not None and voucher.valid_until <= now
    if voucher.status == Voucher.Status.ISSUED and is_over:
        return Voucher.Status.EXPIRED, str(Voucher.Status.EXPIRED.label)
    return voucher.status, voucher.get_status_display()


def _name(member: Member, *, sees_names: bool) -> str:
    shown = member.name if sees_names else masked_name(member.name)
    return shown or _("No name")
