"""How much of a household's points each of its members may spend in a calendar month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from core.assembly import modules_named
from core.days import local_day, start_of_day
from loyalty.errors import HouseholdLimitReached
from members.models import Household, HouseholdMember, Member
from members.queries import place_in_household, survivor
from members.services.people import everyone_of


@dataclass(frozen=True, slots=True)
class Share:
    """What a member has of a household: all its points, or what they may still spend this month."""

    household: Household
    most: int | None
    left: int | None


def share_of(member: Member, *, now: datetime) -> Share | None:
    """Return what a member may spend of their household's points, if they are in one."""
    place = place_in_household(member)
    if place is None:
        return None
    most = place.points_a_month_max
    left = None if most is None else max(0, most - spent_lately([place], now=now)[place.pk])
    return Share(place.household, most, left)


def refuse_beyond_limit(member_id: int, points: int, *, now: datetime) -> None:
    """Refuse to spend more of a household's points than its member may; ask under the account."""
    member = survivor(Member.objects.select_related("merged_into").get(pk=member_id))
    place = place_in_household(member)
    if place is None or place.points_a_month_max is None:
        return
    left = place.points_a_month_max - spent_lately([place], now=now)[place.pk]
    if points > left:
        raise HouseholdLimitReached(
            limit=place.points_a_month_max, left=max(0, left), needed=points
        )


def spent_lately(places: Sequence[HouseholdMember], *, now: datetime) -> dict[int, int]:
    """Return what each of a household spent this month, in whatever ways there are, by place."""
    begun = {place.pk: _since(place, now) for place in places}
    of_member = {place.member_id: place.pk for place in places}
    spenders = [
        (of_member[merged_into or pk], pk)
        for pk, merged_into in everyone_of(of_member).values_list("pk", "merged_into")
    ]
    asked: dict[str, Any] = {
        "places": [place for place, _member in spenders],
        "members": [member for _place, member in spenders],
        "since": [begun[place] for place, _member in spenders],
    }
    spent = dict.fromkeys(begun, 0)
    for module in modules_named("spending"):
        with connection.cursor() as cursor:
            cursor.execute(module.SPENT, asked)
            for place, points in cursor.fetchall():
                spent[place] += int(points)
    return spent


def _since(place: HouseholdMember, now: datetime) -> datetime:
    """Return when the month began, or when they joined: what they spent before was their own."""
    zone = place.household.organization.zone
    return max(start_of_day(local_day(now, zone).replace(day=1), zone), place.joined_at)
