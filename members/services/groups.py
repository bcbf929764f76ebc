"""Sets of members: made, renamed, joined and left, each stay with its beginning and its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.codes import clean_slug, short_name_of
from core.errors import CodeTaken, InvalidInput, NameMissing, about
from core.locking import lock_one
from core.models import Organization
from core.text import clean_line
from members.cards import is_card_number
from members.errors import MemberUnknown
from members.group_files import SignRow
from members.models import Group, GroupMember, Member
from members.phones import typed_digits
from members.queries import members_known_by, spelled, survivor
from members.services.people import everyone_of

NAME_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that names nobody, and why."""

    number: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Recognized:
    """Whom the rows of a file mean, and those that mean nobody."""

    members: list[int]
    bad: list[BadRow]


@transaction.atomic
def create_group(*, organization_id: int, name: str, code: str, actor: Actor) -> Group:
    """Make a group; no code of its own means one like its name."""
    organization = lock_one(Organization, organization_id)
    called = _clean_name(name)
    known = set(Group.objects.filter(organization=organization).values_list("code", flat=True))
    with about("code"):
        wanted = clean_slug(code) if code else short_name_of(called, known, "group")
        if wanted in known:
            raise CodeTaken
    group = Group.objects.create(organization=organization, code=wanted, name=called)
    audit.record("added", group, organization_id=organization_id, actor=actor)
    return group


@transaction.atomic
def rename_group(*, group_id: int, name: str, actor: Actor) -> Group:
    """Change what a group is called; its code stays, because rules name it by that."""
    group = Group.objects.get(pk=group_id)
    called = _clean_name(name)
    if group.name != called:
        group.name = called
        group.save(update_fields=["name"])
        organization_id = group.organization_id
        audit.record(
            "changed", group, organization_id=organization_id, actor=actor, fields=["name"]
        )
    return group


@transaction.atomic
def join_group(*, group_id: int, member_ids: Collection[int], actor: Actor) -> int:
    """Put members into a group from now on; return how many of them were not in it."""
    group = Group.objects.get(pk=group_id)
    known = Member.objects.filter(organization=group.organization_id, pk__in=member_ids)
    people = {survivor(member) for member in known.select_related("merged_into")}
    there = _stays(group, {person.pk for person in people})
    inside = {survivor(stay.member).pk for stay in there}
    new = sorted(person.pk for person in people if person.is_open and person.pk not in inside)
    now = timezone.now()
    GroupMember.objects.bulk_create(
        [
            GroupMember(
                organization_id=group.organization_id, group=group, member_id=pk, joined_at=now
            )
            for pk in new
        ],
        ignore_conflicts=True,
    )
    _record("joined_group", "filled", group, new, actor)
    return len(new)


@transaction.atomic
def leave_group(*, group_id: int, member_ids: Collection[int], actor: Actor) -> int:
    """Take members out of a group from now on; return how many of them were in it."""
    group = Group.objects.get(pk=group_id)
    stays = _stays(group, member_ids)
    people = sorted({survivor(stay.member).pk for stay in stays})
    ids = [stay.pk for stay in stays]
    GroupMember.objects.filter(pk__in=ids, left_at=None).update(left_at=timezone.now())
    _record("left_group", "emptied", group, people, actor)
    return len(people)


def recognize(*, organization_id: int, rows: Sequence[SignRow]) -> Recognized:
    """Find whom each row means, in three questions however many there are."""
    organization = Organization.objects.get(pk=organization_id)
    wanted: dict[int, tuple[str, str]] = {}
    bad: dict[int, BadRow] = {}
    for row in rows:
        sign = _sign_of(row.text)
        try:
            wanted[row.number] = (sign, spelled(organization, sign, row.text))
        except InvalidInput as refusal:
            bad[row.number] = BadRow(row.number, row.text, str(refusal))
    found = members_known_by(organization, set(wanted.values()))
    for row in rows:
        if row.number in wanted and wanted[row.number] not in found:
            bad[row.number] = BadRow(row.number, row.text, str(MemberUnknown()))
    members = dict.fromkeys(found[sign] for sign in wanted.values() if sign in found)
    return Recognized(list(members), [bad[number] for number in sorted(bad)])


def _sign_of(text: str) -> str:
    if "@" in text:
        return "email"
    return "card" if is_card_number(typed_digits(text)) else "phone"


def _clean_name(name: str) -> str:
    with about("name"):
        called = clean_line(name, max_length=NAME_LENGTH_MAX)
        if not called:
            raise NameMissing
    return called


def _stays(group: Group, member_ids: Collection[int]) -> list[GroupMember]:
    """Return the stays of these and of whoever was merged into them, where they last still."""
    stays = GroupMember.objects.filter(
        group=group, left_at=None, member__in=everyone_of(member_ids)
    )
    return list(stays.select_related("member__merged_into"))


def _record(one: str, many: str, group: Group, people: Sequence[int], actor: Actor) -> None:
    """Write down a single member by name, and a whole list as a change of the group."""
    organization_id = group.organization_id
    if len(people) == 1:
        member = Member.objects.get(pk=people[0])
        audit.record(one, member, organization_id=organization_id, actor=actor, reason=group.name)
    elif people:
        audit.record(many, group, organization_id=organization_id, actor=actor)
