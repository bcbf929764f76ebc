"""The vouchers and rewards that somebody wants to use on a receipt, found and judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.errors import Refusal
from core.models import Organization
from loyalty.models import Program
from loyalty.queries import balances_held_by
from members.models import Member
from members.queries import everyone_in, survivor
from rewards.discount_errors import (
    RewardTakesNothingOff,
    SentTwice,
    VoucherTakesNothingOff,
)
from rewards.discounts.from_rewards import discount_of
from rewards.discounts.sources import Source
from rewards.errors import (
    MemberNeeded,
    RewardNotOffered,
    RewardUnknown,
    SoldOut,
    VoucherMistyped,
    VoucherNotTheirs,
    VoucherUnknown,
)
from rewards.kinds import dump_kind
from rewards.models import Reward, Voucher
from rewards.queries import rewards_of, voucher_named
from rewards.services.eligibility import Visitor, refuse_hidden, refuse_ineligible, visitors
from rewards.services.vouchers import refuse_beyond, refuse_ended, refuse_set_aside
from rewards.voucher_codes import check, clean


@dataclass(frozen=True, slots=True)
class Wished:
    """What is to be used, by the key of its source: vouchers by code, rewards by id."""

    vouchers: Mapping[str, Voucher] = field(default_factory=dict)
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    sources: Sequence[Source] = ()


NOTHING = Wished()


def wishes_in(sent: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a receipt names, in one spelling; it is a part of its contents.

    Raises ``SentTwice``.
    """
    vouchers = [clean(code) or code for code in sent.get("vouchers", ())]
    rewards = [str(reward) for reward in sent.get("rewards", ())]
    if len(set(vouchers)) < len(vouchers):
        raise SentTwice
    if len(set(rewards)) < len(rewards):
        raise SentTwice(field="rewards")
    return (*sorted(vouchers), *sorted(rewards))


def wished_by(
    organization: Organization, sent: Mapping[str, Any], member: Member | None, store: str
) -> Wished:
    """Find what is to be used, or refuse what cannot be; asked again when it is used.

    Raises ``VoucherUnknown``, ``VoucherMistyped``, a refusal of what has ended, was used or is
    another member's, ``MemberNeeded``, ``RewardUnknown``, ``RewardNotOffered`` or ``SoldOut``.
    """
    if not (sent.get("vouchers") or sent.get("rewards")):
        return NOTHING
    now = timezone.now()
    vouchers = [_voucher(organization, code, member, now) for code in sent.get("vouchers", ())]
    rewards = [_reward(organization, named, member, store) for named in sent.get("rewards", ())]
    return Wished(
        {voucher.code: voucher for voucher in vouchers},
        {str(reward.public_id): reward for reward in rewards},
        [*map(_of_voucher, vouchers), *map(_of_reward, rewards)],
    )


@contextmanager
def about_vouchers() -> Iterator[None]:
    """Say of what is refused about a voucher that it was named among those of the receipt."""
    try:
        yield
    except Refusal as refusal:
        if refusal.field == "code":
            refusal.field = "vouchers"
        raise


def takes_off(voucher: Voucher) -> bool:
    """Say whether a voucher takes something off a receipt."""
    return _source_of_voucher(voucher) is not None


def _voucher(
    organization: Organization, code: str, member: Member | None, now: datetime
) -> Voucher:
    voucher = voucher_named(organization, code)
    if voucher is None:
        typed = clean(code)
        raise (VoucherUnknown if not typed or check(typed) else VoucherMistyped)(field="vouchers")
    with about_vouchers():
        refuse_ended(voucher, now=now)
        refuse_set_aside(voucher, now=now)
    owner = voucher.redemption.member if voucher.redemption else None
    if owner and member and survivor(owner).pk not in {one.pk for one in everyone_in(member)}:
        raise VoucherNotTheirs
    with about_vouchers():
        refuse_beyond(voucher, member)
    return voucher


def _reward(organization: Organization, named: Any, member: Member | None, store: str) -> Reward:
    """Find a reward, or refuse what redeeming it would refuse; that asks it again, and more."""
    if member is None:
        raise MemberNeeded
    reward = rewards_of(organization).filter(public_id=named).first()
    if reward is None:
        raise RewardUnknown
    if reward.program.status != Program.Status.LIVE:
        raise RewardNotOffered
    now = timezone.now()
    held = balances_held_by(member)
    accounts = {one.program.pk: one.account_id for one in held if one.account_id is not None}
    known = visitors(member, accounts, [reward], now).get(reward.program_id, Visitor())
    refuse_hidden(reward, known)
    refuse_ineligible(reward, known, store=store, now=now)
    if reward.is_sold_out:
        raise SoldOut
    return reward


def points_for(rewards: Iterable[Reward], member: Member) -> Mapping[int, tuple[int, int, int]]:
    """Return by program the points that rewards cost, what can be spent there, and what is held."""
    held = {one.program.pk: one.balance for one in balances_held_by(member)}
    needed: dict[int, int] = {}
    for reward in rewards:
        needed[reward.program_id] = needed.get(reward.program_id, 0) + reward.points
    return {
        program: (points, held[program].balance, held[program].held)
        if program in held
        else (points, 0, 0)
        for program, points in needed.items()
    }


def _of_voucher(voucher: Voucher) -> Source:
    source = _source_of_voucher(voucher)
    if source is None:
        raise VoucherTakesNothingOff
    return source


def _of_reward(reward: Reward) -> Source:
    told = dump_kind(reward.promise)
    source = _source(reward, str(reward.public_id), told, reward.price_money)
    if source is None:
        raise RewardTakesNothingOff
    return source


def _source_of_voucher(voucher: Voucher) -> Source | None:
    """Return what a voucher takes off: what was promised when its reward was taken."""
    reward, taken = voucher.reward, voucher.redemption
    if taken is not None:
        return _source(reward, voucher.code, taken.promised, taken.price_money)
    told = dump_kind(reward.promise)
    return _source(reward, voucher.code, told, reward.price_money)


def _source(
    reward: Reward, key: str, told: Mapping[str, Any], price_money: Decimal | None
) -> Source | None:
    """Return a reward as a source; what costs money besides is handed over against it."""
    if price_money:
        return None
    return discount_of(
        key, reward.name, told, stores=reward.stores, is_combinable=reward.is_combinable
    )
