"""Households: members who share one account, which is that of the head."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from core.actors import Actor
from loyalty.models import AccountMerge
from loyalty.services.account_merges import GivenBack, empty_into, give_back, left_of, let_go
from loyalty.services.accounts import share
from members.models import HouseholdMember, Member
from members.queries import everyone_in
from members.services.households import enter_household, quit_household


@transaction.atomic
def join_household(
    *, household_id: int, member_id: int, most: int | None, actor: Actor, request_key: str
) -> HouseholdMember:
    """Let a member share the account of a household, into which all their points go.

    ``most`` is how many points they may spend in a calendar month. Raises ``PointsSetAside``,
    ``AccountUnderReview`` and what ``enter_household`` raises; nothing is changed then.
    """
    place = enter_household(
        household_id=household_id,
        member_id=member_id,
        most=most,
        actor=actor,
        request_key=request_key,
    )
    head_id, people = place.household.head_id, _people(place.member)
    empty_into(
        member_id=member_id, people=people, into_id=head_id, actor=actor, request_key=request_key
    )
    share(head_id=head_id, people=people)
    return place


@transaction.atomic
def leave_household(
    *, place_id: int, with_points: bool, actor: Actor, request_key: str
) -> Sequence[GivenBack]:
    """Let a member have an account of their own again.

    ``with_points`` gives back what is left of the points they brought. What they earned while
    they were in the household stays there, as do all points otherwise.
    """
    place = quit_household(place_id=place_id, actor=actor)
    if place.member_id == place.household.head_id:
        return []
    people = _people(place.member)
    given_back: Sequence[GivenBack] = []
    if with_points:
        given_back = give_back(
            merges=_brought(place), people=people, actor=actor, request_key=request_key
        )
    let_go(people=people, except_in=[one.program.pk for one in given_back])
    return given_back


def brought_along(place: HouseholdMember) -> list[GivenBack]:
    """Say what is left of the points that somebody brought into their household."""
    return [left_of(row) for row in _brought(place)]


def _brought(place: HouseholdMember) -> list[AccountMerge]:
    rows = AccountMerge.objects.filter(
        member=place.member_id, request_key=place.request_key, undone_at=None
    )
    return list(rows.select_related("kept", "emptied__program").order_by("pk"))


def _people(member: Member) -> list[int]:
    return list(everyone_in(member).values_list("pk", flat=True))
