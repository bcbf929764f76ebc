"""Who stands for whom: members with those whose account they use, locked together."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from core.locking import lock_growing, lock_rows_growing
from members.models import Household, Member

HEADS = """
    SELECT member.id, coalesce(household.head_id, member.merged_into_id, member.id)
    FROM members_member member
    LEFT JOIN members_householdmember place
        ON place.member_id = coalesce(member.merged_into_id, member.id) AND place.left_at IS NULL
    LEFT JOIN members_household household ON household.id = place.household_id
    WHERE member.id = ANY(%s)
"""
LED = """
    SELECT led.head, member.id
    FROM (
        SELECT head, head AS member FROM unnest(%s::bigint[]) AS head
        UNION
        SELECT household.head_id, place.member_id
        FROM members_household household
        JOIN members_householdmember place
            ON place.household_id = household.id AND place.left_at IS NULL
        WHERE household.head_id = ANY(%s) AND household.closed_at IS NULL
    ) led
    JOIN members_member member ON member.id = led.member OR member.merged_into_id = led.member
"""


def lock_people(member_ids: Iterable[int]) -> dict[int, Member]:
    """Lock these members, the survivors of the merged and the heads of their households."""
    return lock_growing(Member, member_ids, _led_to)


def lock_people_unread(member_ids: Iterable[int]) -> set[int]:
    """Lock the same without reading them, for whoever has hundreds in hand; return their ids."""
    return lock_rows_growing(Member, member_ids, _led_to_unread)


def heads_of(member_ids: Iterable[int]) -> dict[int, int]:
    """Return whose account each uses: their own, their survivor's, or their household's head's."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [sorted(member_ids)])
        return dict(cursor.fetchall())


def led_by(head_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return everybody whose account each of these holds, themselves included."""
    led: dict[int, list[int]] = {head_id: [] for head_id in head_ids}
    with connection.cursor() as cursor:
        cursor.execute(LED, [sorted(led), sorted(led)])
        for head_id, member_id in cursor.fetchall():
            led[head_id].append(member_id)
    return led


def everyone_of(member_ids: Iterable[int]) -> QuerySet[Member]:
    """Return these members and everybody who was merged into one of them."""
    pks = list(member_ids)
    return Member.objects.filter(Q(pk__in=pks) | Q(merged_into__in=pks))


def is_anybody_joined(organization_id: int) -> bool:
    """Say whether any members share what they have: in a household, or since they were merged."""
    merged = Member.objects.filter(organization_id=organization_id, merged_into__isnull=False)
    households = Household.objects.filter(organization_id=organization_id)
    return merged.exists() or households.exists()


def _led_to_unread(member_ids: set[int]) -> set[int]:
    merged = Member.objects.filter(pk__in=member_ids, merged_into__isnull=False)
    survivors = merged.values_list("merged_into_id", flat=True)
    return set(survivors) | set(heads_of(member_ids).values())


def _led_to(members: dict[int, Member]) -> set[int]:
    survivors = {row.merged_into_id for row in members.values() if row.merged_into_id}
    return survivors | set(heads_of(members).values())
