"""Makes one member of two records of a person, and parts them again as they were.

What they hold is kept by higher apps, which call this and do their part in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import Missing
from core.outbox import event, tell
from members.errors import (
    MemberBlocked,
    MemberClosed,
    MemberInHousehold,
    MergeIntoSelf,
    MergeUndone,
)
from members.models import Card, CardStatus, Member, MemberMerge, MemberStatus
from members.queries import place_in_household
from members.services.people import lock_people

MOVED = {"phone": ("phone",), "email": ("email", "email_key")}
COPIED = {"name": ("name",), "birthday": ("birth_month", "birth_day", "birth_year")}


@transaction.atomic
def join_members(*, kept_id: int, merged_id: int, actor: Actor, request_key: str) -> MemberMerge:
    """Take one member into another, who keeps their own and takes what they lack.

    Cards go over. Contacts that the survivor has too stay with the one who was merged and lead to
    the survivor, as does everything else they are known by. Consents stay in both logs.
    """
    kept, merged = _both(kept_id, merged_id)
    refuse_merge(kept, merged)
    merge = MemberMerge(
        organization_id=kept.organization_id,
        kept=kept,
        merged=merged,
        contacts=lacking(kept, merged, MOVED),
        copied=[name for name, fields in COPIED.items() if _lacks(kept, merged, fields)],
        followers=list(merged.merged_members.order_by("pk").values_list("pk", flat=True)),
        request_key=request_key,
        actor=actor.name,
    )
    _hand_cards_over(merge)
    _close(merged, kept, merge)
    taken = merge.contacts | lacking(kept, merged, COPIED)
    _set(kept, taken)
    merge.save()
    _record("merged", merge, actor, taken)
    return merge


@transaction.atomic
def part_members(*, merge_id: int, actor: Actor) -> MemberMerge:
    """Undo a merge: what the survivor took goes back, unless it was changed since."""
    merge = MemberMerge.objects.get(pk=merge_id)
    locked = lock_people({merge.merged_id, merge.kept_id, *merge.followers})
    merge.refresh_from_db()
    merged = locked[merge.merged_id]
    if merge.undone_at is not None or merged.merged_into_id is None:
        raise MergeUndone
    living = locked[merged.merged_into_id]
    given_back = _still_theirs(living, merged, merge)
    _set(living, dict.fromkeys(given_back) | ({"name": ""} if "name" in given_back else {}))
    _reopen(merged, merge, living)
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    _record("parted", merge, actor, given_back)
    return merge


def free_contacts(member: Member, wanted: Mapping[str, Any]) -> None:
    """Let a member have contacts that are still kept with somebody who was merged into them."""
    for fields in MOVED.values():
        key = fields[-1]
        if wanted.get(key) is None:
            continue
        theirs = MemberMerge.objects.filter(
            undone_at=None, merged__merged_into=member, **{f"merged__{key}": wanted[key]}
        )
        merge = theirs.select_related("merged").first()
        if merge is not None:
            merge.contacts |= {field: getattr(merge.merged, field) for field in fields}
            merge.save(update_fields=["contacts"])
            _set(merge.merged, dict.fromkeys(fields))


def refuse_merge(kept: Member, merged: Member) -> None:
    """Refuse to merge who is one already, does not take part, or shares with a household."""
    if kept.pk == merged.pk:
        raise MergeIntoSelf
    if kept.organization_id != merged.organization_id:
        raise Missing
    for member in (kept, merged):
        if not member.is_open:
            raise MemberClosed
        if member.status != MemberStatus.ACTIVE:
            raise MemberBlocked(field="find")
    if place_in_household(merged) is not None:
        raise MemberInHousehold


def lacking(kept: Member, merged: Member, groups: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return what the survivor would take of these details, because they have none themselves."""
    return {
        field: getattr(merged, field)
        for fields in groups.values()
        if _lacks(kept, merged, fields)
        for field in fields
    }


def _both(kept_id: int, merged_id: int) -> tuple[Member, Member]:
    if kept_id == merged_id:
        raise MergeIntoSelf
    locked = lock_people({kept_id, merged_id})
    return locked[kept_id], locked[merged_id]


def _lacks(kept: Member, merged: Member, fields: tuple[str, ...]) -> bool:
    return not getattr(kept, fields[0]) and bool(getattr(merged, fields[0]))


def _hand_cards_over(merge: MemberMerge) -> None:
    cards = Card.objects.filter(member=merge.merged)
    merge.cards = list(cards.order_by("pk").values_list("pk", flat=True))
    merge.primary_card = cards.filter(is_primary=True).values_list("pk", flat=True).first()
    if Card.objects.filter(member=merge.kept, is_primary=True).exists():
        cards.update(is_primary=False)
    cards.update(member=merge.kept)


def _close(merged: Member, kept: Member, merge: MemberMerge) -> None:
    """Let the merged one, and whoever was merged into them before, lead to the survivor."""
    _set(
        merged,
        dict.fromkeys(merge.contacts) | {"status": MemberStatus.MERGED, "merged_into": kept},
    )
    Member.objects.filter(pk__in=merge.followers).update(merged_into=kept)


def _reopen(merged: Member, merge: MemberMerge, living: Member) -> None:
    free = {
        field: value
        for name, fields in MOVED.items()
        if name in merge.contacts and not _is_taken(merged, fields[-1], merge)
        for field, value in ((one, merge.contacts[one]) for one in fields)
    }
    _set(merged, free | {"status": MemberStatus.ACTIVE, "merged_into": None})
    followers = Member.objects.filter(pk__in=merge.followers, merged_into=living)
    followers.update(merged_into=merged)
    cards = Card.objects.filter(pk__in=merge.cards, member=living)
    cards.update(member=merged, is_primary=False)
    in_use = Card.objects.filter(member=merged, status=CardStatus.ACTIVE)
    if merge.primary_card is not None:
        in_use.filter(pk=merge.primary_card).update(is_primary=True)


def _is_taken(merged: Member, key: str, merge: MemberMerge) -> bool:
    """Say whether somebody else came to have the contact meanwhile."""
    same = Member.objects.filter(organization=merge.organization_id, **{key: merge.contacts[key]})
    return same.exclude(pk=merged.pk).exists()


def _still_theirs(kept: Member, merged: Member, merge: MemberMerge) -> list[str]:
    """Return which fields the survivor still has as they were taken over."""
    back: list[str] = []
    for name, fields in MOVED.items():
        if name in merge.contacts and getattr(kept, name) == merge.contacts[name]:
            back.extend(fields)
    for name in merge.copied:
        fields = COPIED[name]
        if all(getattr(kept, field) == getattr(merged, field) for field in fields):
            back.extend(fields)
    return back


def _set(member: Member, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(member, name, value)
    if values:
        member.save(update_fields=list(values))


def _record(verb: str, merge: MemberMerge, actor: Actor, fields: Any) -> None:
    organization_id = merge.organization_id
    for member in (merge.kept, merge.merged):
        audit.record(verb, member, organization_id=organization_id, actor=actor, fields=fields)
    payload = {"kept": str(merge.kept.public_id), "merged": str(merge.merged.public_id)}
    tell([event(f"member.{verb}", merge, organization_id=organization_id, payload=payload)])
