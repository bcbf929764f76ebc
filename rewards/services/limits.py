"""How many of a reward one person took, and how many there may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from members.models import Member
from members.queries import everyone_in, survivor
from rewards.catalog_errors import LimitReached
from rewards.models import LIVE, Redemption, Reward
from rewards.periods import period_start


def reached(member: Member, rewards: Collection[Reward], zone: ZoneInfo, now: datetime) -> set[int]:
    """Return the rewards of which this person took as many as one may in the running period.

    What was canceled or expired counts no more, what was granted never did, and who was merged
    into the member is the same person. A reward taken out of a choice counts for both.
    """
    limited = {reward.pk: reward for reward in rewards if reward.limit_count is not None}
    if not limited:
        return set()
    starts = {pk: period_start(one.limit_period, now, zone) for pk, one in limited.items()}
    counted = Counter(
        pk
        for taken, at in _taken(member, limited, starts.values())
        for pk in taken & limited.keys()
        if (start := starts[pk]) is None or at >= start
    )
    return {pk for pk, one in limited.items() if counted[pk] >= (one.limit_count or 0)}


def refuse_beyond_own_limit(
    member: Member, rewards: Collection[Reward], zone: ZoneInfo, now: datetime
) -> None:
    """Refuse one more of what this person took often enough, under the rewards' locks."""
    full = reached(member, rewards, zone, now)
    for reward in rewards:
        if reward.pk in full:
            raise LimitReached(limit=reward.limit_count, period=reward.limit_period)


def _taken(
    member: Member, ids: Collection[int], starts: Collection[datetime | None]
) -> list[tuple[set[int], datetime]]:
    taken = Redemption.objects.filter(
        Q(reward_id__in=list(ids)) | Q(chosen_from_id__in=list(ids)),
        member__in=everyone_in(survivor(member)),
        status__in=LIVE,
        grant__isnull=True,
    )
    firsts = [start for start in starts if start is not None]
    if len(firsts) == len(starts):
        taken = taken.filter(created_at__gte=min(firsts))
    found = taken.values_list("reward_id", "chosen_from_id", "created_at")
    return [({one, parent or one}, at) for one, parent, at in found]
