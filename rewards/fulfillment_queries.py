"""How parcels and what lies ready are found, scoped to an organization and to who works there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from core.models import Organization, Staff, Store
from core.queries import stores_of
from members.models import Member
from members.queries import everyone_in
from rewards.models import Fulfillment, Redemption, Reward

SHOWN_WITH = (
    "store",
    "redemption__member",
    "redemption__reward",
    "redemption__chosen_from",
    "redemption__voucher",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which of them are looked for; what is empty makes no difference."""

    status: str = ""
    method: str = ""
    store: str = ""
    reward: str = ""
    older_than_days: int | None = None


def fulfillments_of(organization: Organization) -> QuerySet[Fulfillment]:
    """Return what is sent or picked up, ready to show, oldest first."""
    every = Fulfillment.objects.filter(organization=organization)
    return every.select_related(*SHOWN_WITH).order_by("pk")


def fulfillments_seen_by(staff: Staff) -> QuerySet[Fulfillment]:
    """Return what somebody may see: tied to stores, what is picked up there, and no address."""
    every = fulfillments_of(staff.organization)
    tied_to = list(staff.stores.values_list("pk", flat=True))
    return every.filter(store__in=tied_to) if tied_to else every


def fulfillments_with(member: Member) -> QuerySet[Fulfillment]:
    """Return what is sent to a member or picked up by them, newest first."""
    every = fulfillments_of(member.organization)
    return every.filter(redemption__member__in=everyone_in(member)).order_by("-pk")


def sought(rows: QuerySet[Fulfillment], wanted: Sought) -> QuerySet[Fulfillment]:
    """Return those that are looked for; a reward is named by its public id or its code."""
    told = {"status": wanted.status, "method": wanted.method, "store__code": wanted.store}
    found = rows.filter(**{name: value for name, value in told.items() if value})
    if wanted.reward:
        found = found.filter(_of_reward(wanted.reward))
    if wanted.older_than_days is not None:
        before = timezone.now() - timedelta(days=wanted.older_than_days)
        found = found.filter(created_at__lt=before)
    return found


def counts_by_status(rows: QuerySet[Fulfillment]) -> dict[str, int]:
    """Return how many there are in each state, also where there are none."""
    counted = rows.order_by().values_list("status").annotate(how_many=Count("pk"))
    return dict.fromkeys(Fulfillment.Status.values, 0) | dict(counted)


def ready_in(store: Store) -> QuerySet[Fulfillment]:
    """Return what lies ready in a store to be picked up, oldest first."""
    every = fulfillments_of(store.organization)
    return every.filter(status=Fulfillment.Status.READY, store=store)


def fulfillment_on(redemption: Redemption) -> Fulfillment | None:
    """Return how a member comes by what they took, as it is now; at the till there is no such."""
    if not redemption.delivery:
        return None
    return Fulfillment.objects.select_related("store").filter(redemption=redemption).first()


def pickup_stores(fulfillment: Fulfillment) -> QuerySet[Store]:
    """Return the stores in which it can be picked up."""
    redemption = fulfillment.redemption
    offered = [redemption.reward, redemption.chosen_from]
    return _stores(fulfillment.organization, [one.stores for one in offered if one])


def pickup_stores_of(reward: Reward) -> QuerySet[Store]:
    """Return the stores in which a reward can be picked up."""
    return _stores(reward.program.organization, [reward.stores])


def fulfillment_answer(fulfillment: Fulfillment) -> dict[str, Any]:
    """Say how far it is; of the address nothing is told."""
    return {
        "status": fulfillment.status,
        "method": fulfillment.method,
        "store": fulfillment.store.code if fulfillment.store else None,
        "carrier": fulfillment.carrier or None,
        "tracking": fulfillment.tracking or None,
        "unpack": fulfillment.is_to_unpack,
    }


def _stores(organization: Organization, limits: Iterable[list[str]]) -> QuerySet[Store]:
    stores = stores_of(organization)
    for codes in limits:
        stores = stores.filter(code__in=codes) if codes else stores
    return stores


def _of_reward(named: str) -> Q:
    try:
        public_id = UUID(named)
    except ValueError:
        return Q(redemption__reward__code=named)
    return Q(redemption__reward__public_id=public_id)
