"""Points that came free: what members are told of, once a day."""

from __future__ import annotations

from django.db import models

from loyalty.models.ledger import Account


class Activation(models.Model):
    """So many points of an account had waited and could be spent from that day on."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="activations")
    day = models.DateField()
    points = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day"], name="account_is_activated_once_a_day"
            ),
        ]
