"""Keeps pictures for as long as anything shows them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet

from core.errors import Missing
from core.locking import lock_rows, unlocked
from core.models import Picture
from core.pictures import Drawn, digest_of

CHUNK = 50


@transaction.atomic
def keep_picture(*, organization_id: int, drawn: Drawn) -> Picture:
    """Keep a picture, or return the same one that was kept before.

    It is locked until its caller has said what shows it. One that was forgotten at this moment
    is kept anew.
    """
    while True:
        kept, is_new = Picture.objects.get_or_create(
            digest=digest_of(organization_id, drawn),
            defaults={
                "organization_id": organization_id,
                "content": drawn.content,
                "small": drawn.small,
                "width": drawn.width,
                "height": drawn.height,
            },
        )
        if is_new or _is_locked(kept):
            return kept


@transaction.atomic
def forget_unused_pictures(
    *, organization_id: int, after: int = 0, chunk: int = CHUNK
) -> int | None:
    """Delete pictures that nothing shows any more, so many; return how far it came if not through.

    What somebody is about to show is locked, and left alone. What was shown between the question
    and its lock is found by asking once more.
    """
    unused = _unused(organization_id)
    found = unlocked(unused.filter(pk__gt=after).order_by("pk"))
    locked = list(found.values_list("pk", flat=True)[:chunk])
    unused.filter(pk__in=locked).delete()
    return locked[-1] if len(locked) == chunk else None


def _is_locked(picture: Picture) -> bool:
    """Lock a picture; say whether it was still there then."""
    try:
        lock_rows(Picture, [picture.pk])
    except Missing:
        return False
    return True


def _unused(organization_id: int) -> QuerySet[Picture]:
    """Return the pictures that no row of any table points at."""
    pictures = Picture.objects.filter(organization=organization_id).only("pk", "digest")
    for relation in Picture._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if isinstance(relation, ManyToOneRel):
            pictures = pictures.exclude(Exists(_showing(relation)))
    return pictures


def _showing(relation: ManyToOneRel) -> QuerySet[Any]:
    rows = relation.related_model._default_manager  # noqa: SLF001
    return rows.filter(**{relation.field.attname: OuterRef(relation.get_related_field().attname)})
