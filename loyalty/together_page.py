"""What the office shows of members who belong together: merged ones, households, and previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from loyalty.member_page import Who, birthday_words, who_with_card
from loyalty.services.account_merges import GivenBack
from loyalty.services.household_limits import spent_lately
from loyalty.services.member_merges import Together, preview_merge
from members.models import HouseholdMember, Member, MemberMerge
from members.phones import international
from members.queries import cards_of, people_of
from members.services.merging import COPIED, MOVED, lacking


@dataclass(frozen=True, slots=True)
class MergedRow:
    """Somebody who was merged into a member, and the way to part them again."""

    merge: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody of a household, what they may spend in a month and what they spent."""

    public_id: UUID
    name: str
    is_head: bool
    most: int | None
    spent: int


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """A household as its members' pages show it."""

    name: str
    head: UUID
    people: Sequence[PersonRow]


@dataclass(frozen=True, slots=True)
class Line:
    """One detail of two members, and what the one they become will have."""

    label: str
    kept: str
    merged: str
    then: str


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Two members beside each other, and what will become of their details and points."""

    other: Who
    lines: Sequence[Line]
    points: Sequence[Together]

    @property
    def owed(self) -> bool:
        """Say whether something is owed, which the points pay then."""
        return any(one.holding.balance.debt or one.other.debt for one in self.points)


def called(member: Member) -> str:
    """Return what a member is called, or else how they are known."""
    return member.name or international(member.phone or "") or member.email or _("No name")


def merged_rows(merges: Sequence[MemberMerge]) -> list[MergedRow]:
    """Return who was merged into a member."""
    return [MergedRow(one.public_id, called(one.merged), one.created_at) for one in merges]


def household_view(place: HouseholdMember, *, now: datetime) -> HouseholdView:
    """Return a household with everybody in it."""
    household = place.household
    people = list(people_of(household))
    for person in people:
        person.household = household
    spent = spent_lately(people, now=now)
    rows = [_person(person, spent[person.pk]) for person in people]
    return HouseholdView(household.name, household.head.public_id, rows)


def merge_shown(kept: Member, merged: Member) -> MergePreview:
    """Return what a merge would do; refuse as the merge would be refused."""
    points = preview_merge(kept, merged)
    taken = lacking(kept, merged, MOVED | COPIED)
    lines = [
        Line(label, own, other, other if field in taken else own)
        for label, field, own, other in (
            (_("Name"), "name", kept.name, merged.name),
            (_("Phone"), "phone", _phone(kept), _phone(merged)),
            (_("E-mail"), "email", kept.email or "", merged.email or ""),
            (_("Birthday"), "birth_month", birthday_words(kept), birthday_words(merged)),
        )
    ]
    own, other = ([card.number for card in cards_of(one)] for one in (kept, merged))
    lines.append(Line(_("Cards"), *(" · ".join(numbers) for numbers in (own, other, own + other))))
    return MergePreview(who_with_card(merged, is_masked=False), lines, points)


def given_back_in_all(parts: Sequence[GivenBack]) -> tuple[int, int, int]:
    """Return how many points had come over, go back and are gone, in all programs together."""
    brought, points = sum(one.brought for one in parts), sum(one.points for one in parts)
    return brought, points, brought - points


def _person(place: HouseholdMember, spent: int) -> PersonRow:
    return PersonRow(
        public_id=place.member.public_id,
        name=called(place.member),
        is_head=place.member_id == place.household.head_id,
        most=place.points_a_month_max,
        spent=spent,
    )


def _phone(member: Member) -> str:
    return international(member.phone) if member.phone else ""
