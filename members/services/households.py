"""Who shares points with whom: households with a head, and what each may spend.

The accounts themselves are shared by a higher app, which calls this in the same transaction.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import Missing, about
from core.outbox import event, tell
from core.text import clean_line
from members.errors import (
    HeadOfHousehold,
    HouseholdNameEmpty,
    MemberBlocked,
    MemberClosed,
    MemberInHousehold,
    NotInHousehold,
)
from members.models import Household, HouseholdMember, Member, MemberStatus
from members.queries import people_of, place_in_household
from members.services.people import lock_people

NAME_LENGTH_MAX = 80


@transaction.atomic
def open_household(*, head_id: int, name: str, actor: Actor, request_key: str) -> Household:
    """Make a household of one, whose head others can then join."""
    head = lock_people({head_id})[head_id]
    refuse_joining(head)
    with about("name"):
        called = clean_line(name, max_length=NAME_LENGTH_MAX)
    if not called:
        raise HouseholdNameEmpty
    household = Household.objects.create(
        organization_id=head.organization_id, name=called, head=head
    )
    place = _take_in(household, head, None, request_key)
    _record("made_household", place, actor)
    return household


@transaction.atomic
def enter_household(
    *, household_id: int, member_id: int, most: int | None, actor: Actor, request_key: str
) -> HouseholdMember:
    """Take somebody in, who may spend at most so many points in a calendar month."""
    household = Household.objects.get(pk=household_id)
    member = lock_people({household.head_id, member_id})[member_id]
    household.refresh_from_db()
    if household.organization_id != member.organization_id:
        raise Missing
    if household.closed_at is not None:
        raise NotInHousehold
    refuse_joining(member)
    place = _take_in(household, member, most, request_key)
    _record("joined_household", place, actor)
    return place


@transaction.atomic
def quit_household(*, place_id: int, actor: Actor) -> HouseholdMember:
    """Take somebody out; with the head, who goes last, the household is over."""
    place = _locked(place_id)
    household = place.household
    if place.member_id == household.head_id:
        if people_of(household).exclude(pk=place.pk).exists():
            raise HeadOfHousehold
        household.closed_at = timezone.now()
        household.save(update_fields=["closed_at"])
    place.left_at = timezone.now()
    place.save(update_fields=["left_at"])
    _record("left_household", place, actor)
    return place


@transaction.atomic
def limit_spending(*, place_id: int, most: int | None, actor: Actor) -> HouseholdMember:
    """Say how many points somebody of a household may spend in a calendar month."""
    place = _locked(place_id)
    if place.points_a_month_max != most:
        place.points_a_month_max = most
        place.save(update_fields=["points_a_month_max"])
        organization_id = place.organization_id
        audit.record("limited", place.member, organization_id=organization_id, actor=actor)
    return place


def refuse_joining(member: Member) -> None:
    """Refuse who does not take part, or is in a household already."""
    if not member.is_open:
        raise MemberClosed
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked(field="find")
    if place_in_household(member) is not None:
        raise MemberInHousehold


def _locked(place_id: int) -> HouseholdMember:
    known = HouseholdMember.objects.get(pk=place_id)
    lock_people({known.member_id})
    place = HouseholdMember.objects.select_related("household", "member").get(pk=place_id)
    if place.left_at is not None:
        raise NotInHousehold
    return place


def _take_in(
    household: Household, member: Member, most: int | None, request_key: str
) -> HouseholdMember:
    return HouseholdMember.objects.create(
        organization_id=household.organization_id,
        household=household,
        member=member,
        points_a_month_max=most,
        request_key=request_key,
        joined_at=timezone.now(),
    )


def _record(verb: str, place: HouseholdMember, actor: Actor) -> None:
    organization_id = place.organization_id
    audit.record(verb, place.member, organization_id=organization_id, actor=actor)
    payload = {
        "household": str(place.household.public_id),
        "member": str(place.member.public_id),
    }
    tell([event(f"member.{verb}", place, organization_id=organization_id, payload=payload)])
