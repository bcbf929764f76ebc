"""Pictures of what an organization offers, kept where everything else is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models.organizations import Organization


class Picture(models.Model):
    """A picture in two widths, as WebP; it never changes, and is named by its digest."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="pictures")
    digest = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    small = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0), name="picture_has_a_size"
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="picture_is_named_by_its_digest"
            ),
        ]
