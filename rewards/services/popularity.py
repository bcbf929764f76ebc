"""Which rewards were taken lately, what they cost the shop, and which are taken most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum

from core.models import Organization
from rewards.models import LIVE, Redemption


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a reward was taken and kept, what that cost, and its place among the others."""

    times: int = 0
    cost: Decimal = Decimal(0)
    rank: int | None = None


NOTHING = Taken()


def taken_since(organization: Organization, since: datetime) -> Mapping[int, Taken]:
    """Return what was taken since then, by reward; a choice counts for both. One question."""
    counted = Redemption.objects.filter(
        organization=organization, status__in=LIVE, created_at__gte=since
    )
    groups = counted.order_by().values_list("reward_id", "chosen_from_id")
    times: dict[int, int] = defaultdict(int)
    costs: dict[int, Decimal] = defaultdict(Decimal)
    for reward_id, chosen_from_id, how_many, cost in groups.annotate(Count("pk"), Sum("cost")):
        for pk in {reward_id, chosen_from_id} - {None}:
            times[pk] += how_many
            costs[pk] += cost or 0
    ranks = {count: rank for rank, count in reversed([*enumerate(sorted(times.values())[::-1], 1)])}
    return {pk: Taken(count, costs[pk], ranks[count]) for pk, count in times.items()}
