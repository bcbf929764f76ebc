"""The catalog as one member finds it: what they may know of, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from core.days import local_day
from loyalty.balances import NOTHING
from loyalty.models import Program
from loyalty.queries import balances_held_by
from members.models import Member, MemberStatus
from rewards.models import Reward
from rewards.services.eligibility import Visitor, visitors
from rewards.services.limits import reached

# Why a member cannot have a reward, whatever points they have; in the order of on_shelf.
NOT_ELIGIBLE, ELSEWHERE, SOLD_OUT, LIMIT_REACHED = (
    "not_eligible",
    "not_in_this_store",
    "sold_out",
    "limit_reached",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as one member may have it; ``missing`` says how many points they still need.

    ``reason`` is the code of what stands in the way beside points, ``options`` what there is to
    choose from.
    """

    reward: Reward
    missing: int
    is_sold_out: bool
    can_have: bool
    balance: int = 0
    reason: str = ""
    options: Sequence[Offer] = field(default=())

    @property
    def progress(self) -> int:
        """Return how much of the price the member has, in percent."""
        points = self.reward.points
        return max(0, points - self.missing) * 100 // points


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All that decides about the offers to one member."""

    visits: Mapping[int, Visitor]
    full: set[int]
    balances: Mapping[int, int]
    options: Mapping[tuple[int, str], Reward]
    is_active: bool
    store: str | None

    def visitor(self, reward: Reward) -> Visitor:
        return self.visits.get(reward.program_id, Visitor())

    def knows(self, reward: Reward) -> bool:
        return self.visitor(reward).may_know_of(reward)

    def choices(self, reward: Reward) -> list[Reward]:
        found = (self.options.get((reward.program_id, code)) for code in reward.options)
        return [one for one in found if one is not None and self.knows(one)]

    def reason(self, reward: Reward) -> str:
        told = {
            NOT_ELIGIBLE: not self.visitor(reward).may_have(reward),
            ELSEWHERE: bool(self.store and reward.stores and self.store not in reward.stores),
            SOLD_OUT: reward.is_sold_out,
            LIMIT_REACHED: reward.pk in self.full,
        }
        return next((code for code, stands in told.items() if stands), "")


def offers_for(member: Member, *, store: str | None = None) -> list[Offer]:
    """Return the rewards that are offered in the member's live programs, cheapest first.

    With the code of a store, what is not given there says so. A fixed number of questions.
    """
    now = timezone.now()
    held = balances_held_by(member)
    balances = {one.program.pk: one.balance.balance for one in held}
    accounts = {one.program.pk: one.account_id for one in held if one.account_id is not None}
    rewards = list(_offered(member, balances, now))
    options = _options(member, rewards, now)
    every = [*rewards, *options.values()]
    zone = member.organization.zone
    shelf = _Shelf(
        visits=visitors(member, accounts, every, now),
        full=reached(member, every, zone, now),
        balances=balances,
        options=options,
        is_active=member.status == MemberStatus.ACTIVE,
        store=store,
    )
    return [_offer(reward, shelf) for reward in rewards if shelf.knows(reward)]


def offer_of(member: Member, reward: Reward) -> Offer | None:
    """Return one reward as the member may have it; nothing of what they may not know of."""
    return next((one for one in offers_for(member) if one.reward.pk == reward.pk), None)


def _offered(member: Member, balances: Mapping[int, int], now: datetime) -> Iterable[Reward]:
    # Programs by invitation offer nothing to who was not let in.
    open_to = Q(program__is_open=True) | Q(program__in=balances)
    today = local_day(now, member.organization.zone)
    rewards = Reward.objects.in_time(today).filter(
        open_to,
        program__organization=member.organization_id,
        program__status=Program.Status.LIVE,
        status=Reward.Status.ACTIVE,
        is_for_points=True,
    )
    return rewards.select_related("program__organization", "category").order_by("points", "pk")


def _options(
    member: Member, rewards: Iterable[Reward], now: datetime
) -> dict[tuple[int, str], Reward]:
    """Return what the choices among the rewards are between, by program and code."""
    wanted = {(one.program_id, code) for one in rewards for code in one.options}
    if not wanted:
        return {}
    today = local_day(now, member.organization.zone)
    found = Reward.objects.in_time(today).filter(
        program__in={program for program, _code in wanted},
        code__in={code for _program, code in wanted},
        status=Reward.Status.ACTIVE,
    )
    return {(one.program_id, one.code): one for one in found.select_related("program", "category")}


def _offer(reward: Reward, shelf: _Shelf) -> Offer:
    balance = shelf.balances.get(reward.program_id, NOTHING.balance)
    missing = max(0, reward.points - balance)
    offer = Offer(
        reward=reward,
        missing=missing,
        is_sold_out=reward.is_sold_out,
        can_have=False,
        balance=balance,
        reason=shelf.reason(reward),
    )
    if reward.options:
        offer = _with_options(offer, shelf)
    can_have = shelf.is_active and not missing and not offer.reason
    return replace(offer, can_have=can_have)


def _with_options(offer: Offer, shelf: _Shelf) -> Offer:
    """Add what there is to choose from; where nothing is left to choose, that stands in the way."""
    reward = offer.reward
    options = [
        Offer(one, offer.missing, one.is_sold_out, can_have=not reason, reason=reason)
        for one in shelf.choices(reward)
        for reason in [shelf.reason(one)]
    ]
    if offer.reason or any(one.can_have for one in options):
        return replace(offer, options=options)
    reasons = {one.reason for one in options}
    reason = reasons.pop() if len(reasons) == 1 else SOLD_OUT
    return replace(offer, options=options, reason=reason, is_sold_out=reason == SOLD_OUT)
