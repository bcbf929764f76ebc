"""Makes members: once per person, however many tills, shops and imports try at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import SYSTEM, Actor
from core.errors import Missing, Unavailable
from core.models import Organization
from members.cards import new_number, parse_card
from members.errors import CardTaken, ContactNeeded, EmailTaken
from members.models import Card, CardKind, CardStatus, Consent, Member, Source
from members.queries import survivor
from members.services.consents import ConsentGiven, consents_from
from members.services.details import Details, fields_from
from members.signals import member_enrolled

_DRAWS_MAX = 5


class Application(Details, total=False):
    """What somebody may bring when joining, besides what is known of every member."""

    card: str | None
    consents: Sequence[ConsentGiven]
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The member, and whether this call made them."""

    member: Member
    created: bool


@transaction.atomic
def enroll(
    *,
    organization_id: int,
    source: Source,
    actor: Actor = SYSTEM,
    **application: Unpack[Application],
) -> Enrolled:
    """Make somebody a member with a card, or return the member they already are, unchanged.

    A person is known by the id in another system, else by phone, else (without a phone) by
    e-mail. Raises a refusal that names the field when a detail is wrong or belongs to another.
    """
    applicant = _applicant(organization_id, source, application)
    card = application.get("card")
    number = parse_card(card) if card else None
    consents = consents_from(
        application.get("consents", ()), member=applicant, source=source, actor=actor
    )

    member = _already_known(applicant) or _insert_unless_there(applicant)
    if member.public_id != applicant.public_id:
        return Enrolled(survivor(member), created=False)

    _give_card(member, number)
    _keep(consents, member)
    audit.record(
        "enrolled",
        member,
        organization_id=organization_id,
        actor=actor,
        fields=[name for name, value in application.items() if value],
    )
    member_enrolled.send(sender=Member, member=member)
    return Enrolled(member, created=True)


def _applicant(organization_id: int, source: Source, application: Application) -> Member:
    """Compose the member as it would be stored, without touching the table."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise Missing
    applicant = Member(
        organization=organization,
        joined_source=source,
        joined_at=application.get("joined_at") or timezone.now(),
    )
    for name, value in fields_from(applicant, application).items():
        setattr(applicant, name, value)
    if not (applicant.phone or applicant.email or applicant.external_id):
        raise ContactNeeded
    return applicant


def _already_known(applicant: Member) -> Member | None:
    """Return the member this applicant already is, by the strongest sign they share."""
    signs = {
        "external_id": applicant.external_id,
        "phone": applicant.phone,
        "email_key": None if applicant.phone else applicant.email_key,
    }
    for field, value in signs.items():
        same = Member.objects.filter(organization=applicant.organization, **{field: value})
        known = same.first() if value else None
        if known is not None:
            return known
    return None


def _insert_unless_there(applicant: Member) -> Member:
    """Insert the applicant; when another transaction was faster, return the member it made.

    The insert waits for a rival that is not yet committed, and a rival's row is no error: the
    transaction around this one lives on.
    """
    Member.objects.bulk_create([applicant], ignore_conflicts=True)
    member = _already_known(applicant)
    if member is not None:
        return member
    raise EmailTaken if applicant.email else Unavailable


def _give_card(member: Member, number: str | None) -> None:
    """Make this card the member's own, or a new one when they brought none."""
    if number is None:
        if not any(_made_card(member, new_number()) for _ in range(_DRAWS_MAX)):
            raise Unavailable
    elif not (_took_bearer_card(member, number) or _made_card(member, number)):
        raise CardTaken


def _took_bearer_card(member: Member, number: str) -> bool:
    """Put the member's name to a card that nobody owns; of two who try, one does."""
    nobodys = Card.objects.filter(
        organization_id=member.organization_id,
        number=number,
        member=None,
        status=CardStatus.ACTIVE,
    )
    return nobodys.update(member=member, kind=CardKind.PERSONAL, is_primary=True) == 1


def _made_card(member: Member, number: str) -> bool:
    card = Card(
        organization_id=member.organization_id,
        member=member,
        number=number,
        kind=CardKind.PERSONAL,
        is_primary=True,
    )
    Card.objects.bulk_create([card], ignore_conflicts=True)
    return Card.objects.filter(member=member, number=number).exists()


def _keep(consents: list[Consent], member: Member) -> None:
    """Write the consents down, now that the member has a row."""
    for consent in consents:
        consent.member = member
    Consent.objects.bulk_create(consents)
