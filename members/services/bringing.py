"""Finds the members that a file knows by several signs, or makes them, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from core.errors import Refusal
from members.errors import ContactNeeded, MemberClosed, MemberUnknown, SignsDiffer
from members.models import Card, CardStatus, Member, Source
from members.queries import survivor
from members.services.imports import give_cards
from members.signs import Signs

Found = Member | Refusal


@dataclass(slots=True)
class _Known:
    """The members who have any of some signs, by each sign."""

    phone: dict[str, Member] = field(default_factory=dict)
    email_key: dict[str, Member] = field(default_factory=dict)
    external_id: dict[str, Member] = field(default_factory=dict)
    card: dict[str, Member] = field(default_factory=dict)


def find_by_signs(*, organization_id: int, wanted: Sequence[Signs]) -> list[Found]:
    """Return for each the member with these signs, or why there is none."""
    known = _known(organization_id, wanted)
    return [_found(known, signs) for signs in wanted]


@transaction.atomic
def find_or_enroll(*, organization_id: int, wanted: Sequence[Signs]) -> tuple[list[Found], int]:
    """Return the same, making members of those unknown who can be; and how many were made.

    Nothing is announced: this is history.
    """
    found = find_by_signs(organization_id=organization_id, wanted=wanted)
    joining = [
        signs
        for signs, one in zip(wanted, found, strict=True)
        if isinstance(one, MemberUnknown) and signs.can_join
    ]
    made = _make(organization_id, joining)
    if made:
        found = find_by_signs(organization_id=organization_id, wanted=wanted)
    return [_explained(one, signs) for one, signs in zip(found, wanted, strict=True)], made


def _make(organization_id: int, joining: Iterable[Signs]) -> int:
    """Make the members who are new; who is named twice, or made meanwhile, is made once."""
    now = timezone.now()
    new = [
        Member(
            organization_id=organization_id,
            phone=signs.phone,
            email=signs.email,
            email_key=signs.email_key,
            external_id=signs.external_id,
            joined_at=now,
            joined_source=Source.IMPORT,
        )
        for signs in dict.fromkeys(joining)
    ]
    if not new:
        return 0
    Member.objects.bulk_create(new, ignore_conflicts=True)
    ours = [member.public_id for member in new]
    made = Member.objects.filter(organization_id=organization_id, public_id__in=ours)
    count = made.count()
    give_cards(organization_id, made)
    return count


def _known(organization_id: int, wanted: Collection[Signs]) -> _Known:
    here = Member.objects.filter(organization_id=organization_id)
    known = _Known()
    for name in ("phone", "email_key", "external_id"):
        values = {value for signs in wanted if (value := getattr(signs, name))}
        if values:
            members = here.filter(**{f"{name}__in": values})
            getattr(known, name).update({getattr(one, name): one for one in members})
    numbers = {signs.card for signs in wanted if signs.card}
    if numbers:
        cards = Card.objects.filter(
            organization_id=organization_id,
            number__in=numbers,
            status=CardStatus.ACTIVE,
            member__isnull=False,
        )
        known.card = {
            one.number: one.member for one in cards.select_related("member") if one.member
        }
    return known


def _found(known: _Known, signs: Signs) -> Found:
    named = [
        getattr(known, name)[value]
        for name in ("phone", "email_key", "external_id", "card")
        if (value := getattr(signs, name)) in getattr(known, name)
    ]
    if not named:
        return MemberUnknown()
    people = {one.pk: one for one in map(survivor, named)}
    [member, *others] = people.values()
    if others or any(_contradicts(one, signs) for one in named):
        return SignsDiffer()
    return member if member.is_open else MemberClosed()


def _contradicts(member: Member, signs: Signs) -> bool:
    """Say whether the member is known by another number, address or key than the one given."""
    return any(
        given and kept and given != kept
        for given, kept in (
            (signs.phone, member.phone),
            (signs.email_key, member.email_key),
            (signs.external_id, member.external_id),
        )
    )


def _explained(one: Found, signs: Signs) -> Found:
    """Say of whom nobody knows that a card alone makes nobody a member."""
    return ContactNeeded() if isinstance(one, MemberUnknown) and not signs.can_join else one
