"""Finds or makes members by the keys that another system knows them by, many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from core.errors import Unavailable
from members.cards import new_number
from members.models import Card, CardKind, Member, Source
from members.models.members import MemberQuerySet
from members.queries import survivor

_DRAWS_MAX = 5


def known_members(organization_id: int, external_ids: Collection[str]) -> dict[str, int]:
    """Return the ids of the members with these keys; whoever was merged is who they became."""
    members = Member.objects.filter(organization_id=organization_id, external_id__in=external_ids)
    rows = list(members.values_list("external_id", "pk", "merged_into_id"))
    merged = members.filter(merged_into__isnull=False) if any(row[2] for row in rows) else ()
    return {key or "": pk for key, pk, _merged_into_id in rows} | {
        member.external_id or "": survivor(member).pk for member in merged
    }


@transaction.atomic
def members_for(*, organization_id: int, joined: Mapping[str, datetime]) -> dict[str, int]:
    """Return the members with these keys, making those never seen, each with a card.

    ``joined`` says since when each is a member. Nothing is announced: this is history.
    """
    known = known_members(organization_id, joined.keys())
    missing = sorted(joined.keys() - known.keys())
    if not missing:
        return known
    made = [
        Member(
            organization_id=organization_id,
            external_id=key,
            joined_at=joined[key],
            joined_source=Source.IMPORT,
        )
        for key in missing
    ]
    Member.objects.bulk_create(made, ignore_conflicts=True)
    new = Member.objects.filter(organization_id=organization_id, external_id__in=missing)
    give_cards(organization_id, new)
    return known | known_members(organization_id, missing)


def give_cards(organization_id: int, members: MemberQuerySet) -> None:
    """Give a first card to each of these who has none; a number drawn twice is drawn again."""
    for _ in range(_DRAWS_MAX):
        cards = [
            Card(
                organization_id=organization_id,
                member=member,
                number=new_number(),
                kind=CardKind.PERSONAL,
                is_primary=True,
            )
            for member in members.filter(cards=None).present()
        ]
        if not cards:
            return
        Card.objects.bulk_create(cards, ignore_conflicts=True)
    raise Unavailable
