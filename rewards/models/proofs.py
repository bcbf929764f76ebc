"""How members prove at a till that they are there themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Register, Staff
from members.models import Member


class ProofCode(models.Model):
    """The latest one-time code for a member at a till; asking again replaces it.

    Only its digest is kept; it opens no portal, because it is said aloud.
    """

    member = models.OneToOneField(Member, models.PROTECT, related_name="+")
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    code = models.BinaryField(max_length=32)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    asked_today = models.PositiveSmallIntegerField(default=1)
    today_since = models.DateTimeField()


class Proof(models.Model):
    """That a member was there, for the staff of one register and for a little while."""

    class Means(models.TextChoices):
        """How it was shown."""

        PHONE = "phone", _("Shown on their phone")
        CODE = "code", _("A code that was sent to them")

    member = models.ForeignKey(Member, models.PROTECT, related_name="proofs")
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    means = models.CharField(max_length=5, choices=Means.choices)
    shown = models.BinaryField(max_length=32, null=True, blank=True)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shown"], name="phone_proves_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="proof_lasts_a_while"),
            models.CheckConstraint(
                condition=Q(means="code", shown__isnull=True)
                | Q(means="phone", shown__isnull=False),
                name="proof_by_phone_was_shown",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "register", "-expires_at"], name="proofs_of_member")
        ]
