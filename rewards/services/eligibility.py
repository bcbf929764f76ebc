"""Who may have a reward, and who may know of it: one judgment for shelves and for redeeming.

A reward names tiers, groups, both or neither. Of the tiers one is enough, and a higher one counts
too; of the groups one is enough; where both are named, both are asked for. Who may not have it
does not learn of it, unless the reward says that it is shown to all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from loyalty.services.standing import effective_tiers
from members.models import Member
from members.queries import groups_with, survivor
from rewards.catalog_errors import NoLongerOffered, NotEligible, NotInThisStore, NotYetOffered
from rewards.errors import RewardNotOffered
from rewards.models import Reward


@dataclass(frozen=True, slots=True)
class Visitor:
    """What of a member decides what they may have: the tier they are in with all below it."""

    tiers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def may_have(self, reward: Reward) -> bool:
        """Say whether the reward is for this member."""
        has_tier = not reward.tiers or not self.tiers.isdisjoint(reward.tiers)
        return has_tier and (not reward.groups or not self.groups.isdisjoint(reward.groups))

    def may_know_of(self, reward: Reward) -> bool:
        """Say whether the reward is shown to this member."""
        return reward.shown_to_all or self.may_have(reward)


def visitors(
    member: Member, accounts: Mapping[int, int], rewards: Iterable[Reward], now: datetime
) -> dict[int, Visitor]:
    """Return the member as each program knows them; ``accounts`` are theirs, by program.

    Nothing is asked that none of the rewards asks for.
    """
    looked_at = [reward for reward in rewards if reward.is_for_some]
    by_tier = any(reward.tiers for reward in looked_at)
    by_group = any(reward.groups for reward in looked_at)
    held = effective_tiers(accounts.values(), now) if by_tier else {}
    groups = (
        frozenset(groups_with(survivor(member)).values_list("code", flat=True))
        if by_group
        else frozenset()
    )
    programs = {reward.program_id for reward in looked_at} | accounts.keys()
    return {program: Visitor(_tiers(held, accounts.get(program)), groups) for program in programs}


def refuse_hidden(reward: Reward, visitor: Visitor) -> None:
    """Refuse what is not offered, and in the same words what this member may not know of."""
    is_on = reward.status == Reward.Status.ACTIVE and reward.is_for_points
    if not is_on or not visitor.may_know_of(reward):
        raise RewardNotOffered


def refuse_ineligible(
    reward: Reward, visitor: Visitor, *, store: str | None, now: datetime
) -> None:
    """Refuse what is not for this day, this member or this store, in that order."""
    today = now.astimezone(reward.program.organization.zone).date()
    if reward.starts_on is not None and today < reward.starts_on:
        raise NotYetOffered(starts_on=reward.starts_on.isoformat())
    if reward.ends_on is not None and today > reward.ends_on:
        raise NoLongerOffered(ends_on=reward.ends_on.isoformat())
    if not visitor.may_have(reward):
        raise NotEligible(tiers=reward.tiers)
    refuse_elsewhere(reward, store)


def refuse_elsewhere(reward: Reward, store: str | None) -> None:
    """Refuse a store that the reward is not given in; where no store is named, none is wrong."""
    if store is not None and reward.stores and store not in reward.stores:
        raise NotInThisStore


def _tiers(held: Mapping[int, object], account_id: int | None) -> frozenset[str]:
    found = held.get(account_id) if account_id is not None else None
    return found.codes if found else frozenset()  # type: ignore[attr-defined]
