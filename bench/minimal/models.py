"""The least that points need: a member, a purchase, a lot, an entry and a balance."""

from __future__ import annotations

from django.db import models


class Member(models.Model):
    """Somebody with a phone."""

    phone = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=150)

    class Meta:
        db_table = "member"


class Balance(models.Model):
    """What a member has."""

    member = models.OneToOneField(Member, models.PROTECT, primary_key=True, related_name="balance")
    points = models.BigIntegerField()

    class Meta:
        db_table = "balance"


class Purchase(models.Model):
    """A receipt, once per key."""

    member = models.ForeignKey(Member, models.PROTECT)
    key = models.CharField(max_length=128, unique=True)
    total = models.DecimalField(max_digits=14, decimal_places=3)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "purchase"


class Lot(models.Model):
    """Points that came together."""

    purchase = models.ForeignKey(Purchase, models.PROTECT)
    member = models.ForeignKey(Member, models.PROTECT)
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()

    class Meta:
        db_table = "lot"


class Entry(models.Model):
    """A movement of points."""

    purchase = models.ForeignKey(Purchase, models.PROTECT)
    member = models.ForeignKey(Member, models.PROTECT)
    points = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "entry"
