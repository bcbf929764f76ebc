"""Where members are found: every answer is scoped to one organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.errors import InvalidInput, Missing
from core.models import Organization, User
from core.prepared import Place, Prepared
from core.text import refuse_controls
from members.cards import is_card_number, last_digits, parse_card
from members.emails import clean_email, email_key
from members.errors import LookUpUnreadable
from members.models import (
    AttributeDefinition,
    Card,
    CardKind,
    CardStatus,
    Consent,
    Group,
    GroupMember,
    Household,
    HouseholdMember,
    Member,
    MemberMerge,
    MemberStatus,
)
from members.models.members import MemberQuerySet
from members.names import masked_name
from members.phones import e164, mask_phone, typed_digits
from members.references import Sign, parse_reference

RESULTS_MAX = 10
SIGNS = ("phone", "card", "email")
DIGITS_MIN = 4
_WITH_TRUNK_PREFIX_FROM = 8
PRIMARY_CARD = "SELECT number FROM members_card WHERE member_id = %s AND is_primary"


@dataclass(frozen=True, slots=True)
class MaskedMember:
    """What a cashier may see of somebody: enough to choose the right person."""

    public_id: UUID
    name: str
    phone: str
    card: str
    is_blocked: bool


def members_of(organization: Organization) -> MemberQuerySet:
    """Return the members this organization may see."""
    return Member.objects.filter(organization=organization)


def club_at(slug: str) -> Organization | None:
    """Return the organization of a club's address."""
    return Organization.objects.filter(slug=slug).first()


def member_in(slug: str, user: User) -> Member | None:
    """Return the member that this person is in the organization of an address."""
    memberships = Member.objects.select_related("organization")
    return memberships.filter(organization__slug=slug, user=user).first()


def get_member(organization: Organization, public_id: UUID) -> Member:
    """Return the member with this id, or the one they were merged into; ``Missing`` if none."""
    member = _findable(organization).filter(public_id=public_id).first()
    if member is None:
        raise Missing
    return survivor(member)


def find_member(
    organization: Organization,
    *,
    phone: str | None = None,
    card: str | None = None,
    email: str | None = None,
) -> Member | None:
    """Return the one member with this phone, card or e-mail, in whatever notation it is typed."""
    for sign, text in zip(SIGNS, (phone, card, email), strict=True):
        if text is not None:
            return _known_by(organization, sign, spelled(organization, sign, text))
    return None


def spelled(organization: Organization, sign: str, text: str) -> str:
    """Return a phone, card or e-mail in the one spelling in which rows have it."""
    if sign == "phone":
        return e164(text, region=organization.country)
    return parse_card(text) if sign == "card" else email_key(clean_email(text))


def member_by_reference(organization: Organization, text: str) -> Member | None:
    """Return the member with this id, card number or phone; refuse a text that is none of them."""
    reference = parse_reference(text, region=organization.country)
    if reference.sign is Sign.ID:
        member = _findable(organization).filter(public_id=reference.text).first()
        return None if member is None else survivor(member)
    sign = "card" if reference.sign is Sign.CARD else "phone"
    return _known_by(organization, sign, reference.text)


def bearer_card(organization: Organization, text: str) -> Card | None:
    """Return the bearer card in use whose number this is, whether somebody owns it or not."""
    reference = parse_reference(text, region=organization.country)
    if reference.sign is not Sign.CARD:
        return None
    cards = Card.objects.filter(organization=organization, number=reference.text)
    return cards.filter(kind=CardKind.BEARER, status=CardStatus.ACTIVE).first()


def named_member(organization: Organization, text: str) -> Member | None:
    """Return the member with this id, card, phone or e-mail; refuse a text that is none of them."""
    if "@" in text:
        return find_member(organization, email=text)
    return member_by_reference(organization, text)


def consents_now(member: Member) -> dict[tuple[str, str], bool]:
    """Return the member's latest word per channel and purpose; what was never asked is absent."""
    said = Consent.objects.filter(member__in=everyone_in(member))
    words = said.order_by("channel", "purpose", "-occurred_at", "-pk")
    latest = words.distinct("channel", "purpose")
    return {(one.channel, one.purpose): one.granted for one in latest}


def look_up(organization: Organization, text: str) -> list[MaskedMember]:
    """Return whom the till's one field may mean: by phone, card, e-mail or last digits.

    An exact match is the only answer; otherwise at most ten whose number ends this way.
    """
    return masked(_matches(organization, text))


def search(organization: Organization, text: str, *, by_name: bool) -> MemberQuerySet:
    """Return whom the office's one field means: by phone, card, e-mail, last digits or a name.

    Who sees names masked cannot search by them either, or they would be guessed letter by letter.
    """
    typed = text.strip()
    refuse_controls(typed)
    everyone = members_of(organization)
    is_sign = "@" in typed or len(typed_digits(typed)) >= DIGITS_MIN
    if by_name and not is_sign:
        return everyone.filter(name__icontains=typed)
    return everyone.filter(pk__in=[member.pk for member in _matches(organization, typed)])


def cards_of(member: Member) -> QuerySet[Card]:
    """Return the member's cards, the one that is printed first."""
    return member.cards.order_by("-is_primary", "-created_at", "-pk")


def consents_of(member: Member) -> QuerySet[Consent]:
    """Return what the member agreed to or declined, newest first."""
    said = Consent.objects.filter(member__in=everyone_in(member))
    return said.order_by("-occurred_at", "-pk")


def masked(members: Iterable[Member]) -> list[MaskedMember]:
    """Return the members as a cashier may see them."""
    shown = list(members)
    numbers = dict(
        Card.objects.filter(member__in=shown, is_primary=True).values_list("member_id", "number")
        if shown
        else ()
    )
    return [
        MaskedMember(
            public_id=member.public_id,
            name=masked_name(member.name),
            phone=mask_phone(member.phone or ""),
            card=last_digits(numbers.get(member.pk, "")),
            is_blocked=member.status == MemberStatus.BLOCKED,
        )
        for member in shown
    ]


def card_number(member: Member) -> str | None:
    """Return the number that is printed on the member's card."""
    if "printed_number" in vars(member):  # was read along with the member
        number: str | None = vars(member)["printed_number"]
        return number
    with connection.cursor() as cursor:
        cursor.execute(PRIMARY_CARD, [member.pk])
        row = cursor.fetchone()
    return row[0] if row else None


def survivor(member: Member) -> Member:
    """Follow a merged member to the one that lives on."""
    while member.merged_into is not None:
        member = member.merged_into
    return member


def _matches(organization: Organization, text: str) -> list[Member]:
    typed = text.strip()
    refuse_controls(typed)
    if "@" in typed:
        return _none_or_one(find_member(organization, email=typed))
    digits = typed_digits(typed)
    if len(digits) < DIGITS_MIN:
        raise LookUpUnreadable
    exact = _exact(organization, typed, digits)
    return [exact] if exact else _ending_with(organization, digits)


def _exact(organization: Organization, typed: str, digits: str) -> Member | None:
    """Read the digits as a card number if they are one, else as a whole phone number."""
    if is_card_number(digits):
        return find_member(organization, card=digits)
    try:
        return find_member(organization, phone=typed)
    except InvalidInput:
        return None


def _ending_with(organization: Organization, digits: str) -> list[Member]:
    """Search by last digits, without the 0 of national notation that E.164 does not have."""
    national = len(digits) >= _WITH_TRUNK_PREFIX_FROM
    ending = digits.removeprefix("0") if national else digits
    return list(members_of(organization).present().ending_with(ending)[:RESULTS_MAX])


def _findable(organization: Organization) -> MemberQuerySet:
    # The survivor of a merged member is read when it is needed, which is seldom.
    return members_of(organization)


_PRINTED = Card.objects.filter(member=OuterRef("pk"), is_primary=True).values("number")


def rows_by_sign(
    sign: str, organization: Organization | Place, known: str | Place
) -> MemberQuerySet:
    """Return how a member is found by a sign of the one spelling, with their card's number."""
    here = Member.objects.filter(organization=organization)
    if sign == "card":
        card = {"organization": organization, "number": known, "status": CardStatus.ACTIVE}
        found = here.filter(**{f"cards__{name}": value for name, value in card.items()})
    else:
        found = here.filter(**{"email_key" if sign == "email" else "phone": known})
    return found.annotate(printed_number=Subquery(_PRINTED))


_BY_SIGN = {sign: Prepared(partial(rows_by_sign, sign)) for sign in SIGNS}


def _known_by(organization: Organization, sign: str, known: str) -> Member | None:
    member = _BY_SIGN[sign].one(organization.pk, known)
    return None if member is None else survivor(member)


def _none_or_one(member: Member | None) -> list[Member]:
    return [] if member is None else [member]


def everyone_in(member: Member) -> QuerySet[Member]:
    """Return the member and everybody who was merged into them: what one did, all did."""
    return Member.objects.filter(Q(pk=member.pk) | Q(merged_into=member.pk))


def merges_into(member: Member) -> QuerySet[MemberMerge]:
    """Return who was merged into a member and can be parted again, newest first."""
    merges = MemberMerge.objects.filter(organization=member.organization_id, undone_at=None)
    return merges.filter(merged__merged_into=member).select_related("merged").order_by("-pk")


def place_in_household(member: Member) -> HouseholdMember | None:
    """Return the member's place in a household, if they share their points with one."""
    places = HouseholdMember.objects.filter(member=member, left_at=None)
    return places.select_related("household__head", "household__organization", "member").first()


def attributes_of(organization: Organization) -> QuerySet[AttributeDefinition]:
    """Return what the organization notes about its members."""
    return AttributeDefinition.objects.filter(organization=organization).order_by("label", "pk")


def groups_of(organization: Organization) -> QuerySet[Group]:
    """Return the groups of the organization by name."""
    return Group.objects.filter(organization=organization).order_by("name", "pk")


def people_of(household: Household) -> QuerySet[HouseholdMember]:
    """Return who is in a household now, in the order of their joining."""
    return household.people.filter(left_at=None).select_related("member").order_by("pk")


_PERSON = Coalesce("member__merged_into", "member")


def groups_with_size(organization: Organization) -> QuerySet[Group]:
    """Return the groups of the organization, each with how many people are in it now."""
    inside = GroupMember.objects.filter(group=OuterRef("pk"), left_at=None).order_by()
    counted = inside.values("group").annotate(people=Count(_PERSON, distinct=True))
    size = Coalesce(Subquery(counted.values("people")), 0)
    return groups_of(organization).annotate(size=size)


def people_in(group: Group) -> QuerySet[Member]:
    """Return who is in a group now, each with the day since when; who was merged is the other."""
    inside = GroupMember.objects.filter(group=group, left_at=None).annotate(person=_PERSON)
    since = inside.filter(person=OuterRef("pk")).order_by().values("person")
    members = Member.objects.filter(
        organization=group.organization_id, pk__in=inside.values("person")
    )
    return members.annotate(
        in_since=Subquery(since.annotate(first=Min("joined_at")).values("first"))
    )


def groups_with(member: Member) -> QuerySet[Group]:
    """Return the groups that a member is in now."""
    stays = GroupMember.objects.filter(member__in=everyone_in(member), left_at=None)
    groups = Group.objects.filter(organization=member.organization_id, pk__in=stays.values("group"))
    return groups.order_by("name", "pk")


def members_known_by(
    organization: Organization, signs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return the ids of the members with these signs, each sign in its one spelling."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for sign, known in signs:
        wanted[sign].add(known)
    here = Member.objects.filter(organization=organization).select_related("merged_into")
    cards = Card.objects.filter(organization=organization, status=CardStatus.ACTIVE)
    found = {("phone", one.phone or ""): one for one in here.filter(phone__in=wanted["phone"])}
    found |= {
        ("email", one.email_key or ""): one for one in here.filter(email_key__in=wanted["email"])
    }
    found |= {
        ("card", one.number): one.member
        for one in cards.filter(number__in=wanted["card"]).select_related("member__merged_into")
        if one.member is not None
    }
    return {sign: survivor(member).pk for sign, member in found.items()}
