"""Keeps pictures."""

from __future__ import annotations

from django.db import transaction

from core.models import Picture
from core.pictures import Drawn, digest_of


@transaction.atomic
def keep_picture(*, organization_id: int, drawn: Drawn) -> Picture:
    """Keep a picture, or return the same one that was kept before."""
    kept, _is_new = Picture.objects.get_or_create(
        digest=digest_of(organization_id, drawn),
        defaults={
            "organization_id": organization_id,
            "content": drawn.content,
            "small": drawn.small,
            "width": drawn.width,
            "height": drawn.height,
        },
    )
    return kept
