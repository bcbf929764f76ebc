"""Lets members of the demo take rewards while their year goes by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from core.actors import SYSTEM
from core.days import local_day
from core.errors import Refusal
from core.models import Organization
from insights.demo.dice import dice
from insights.demo.shop import SEED
from loyalty.models import AccountHolder, Batch, Purchase
from loyalty.queries import purchases_of
from rewards.models import Reward
from rewards.services.history import PastRedemption, record_past_redemption

FIRST_AGO = timedelta(weeks=18)
SHARE = 0.03  # of the members at the till, how many take something


class Visits:
    """The visits of the last months, seen as they are imported; now and then one is rewarded."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        today = local_day(timezone.now(), organization.zone)
        offered = Reward.objects.filter(
            program__organization=organization, limit_count__isnull=True
        ).on_offer(today)
        self._rewards: Sequence[Reward] = list(offered.givable().to_all().order_by("pk"))
        self._chance = dice(SEED)
        self._seen: datetime = timezone.now() - FIRST_AGO
        self.taken = 0

    def redeem_some(self, batch: Batch) -> None:
        """Let some of those whose receipts were just imported take a reward on that visit."""
        new = purchases_of(self._organization).filter(
            occurred_at__gt=self._seen, member__isnull=False
        )
        for purchase in new.order_by("occurred_at", "pk"):
            self._seen = purchase.occurred_at
            if self._chance.random() < SHARE:
                self.taken += self._takes_something(purchase, batch)

    def _takes_something(self, purchase: Purchase, batch: Batch) -> bool:
        holders = AccountHolder.objects.filter(member=purchase.member_id)
        holder = holders.select_related("account").first()
        if holder is None:
            return False
        within_reach = [one for one in self._rewards if one.points <= holder.account.balance]
        if not within_reach:
            return False
        reward = self._chance.choice(within_reach)
        taken = PastRedemption(
            reward_id=reward.pk,
            holder=holder,
            store_id=purchase.store_id,
            at=purchase.occurred_at + timedelta(minutes=1),
            request_key=f"demo:{purchase.pk}",
        )
        try:
            record_past_redemption(taken=taken, batch=batch, actor=SYSTEM)
        except Refusal:  # too few points, or sold out: the visit goes on without
            return False
        return True
