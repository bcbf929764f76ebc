"""Accounts that became one."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loyalty.models.ledger import Account
from members.models import Member


class AccountMerge(models.Model):
    """A member's account that was emptied into another, by a merge or by joining a household.

    It can be undone once; what was spent meanwhile stays spent.
    """

    kept = models.ForeignKey(Account, models.PROTECT, related_name="merges_into_it")
    emptied = models.ForeignKey(Account, models.PROTECT, related_name="merges_out_of_it")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emptied"],
                condition=Q(undone_at__isnull=True),
                name="account_is_emptied_into_one",
            ),
            models.CheckConstraint(
                condition=~Q(kept=F("emptied")), name="account_is_not_merged_into_itself"
            ),
        ]
