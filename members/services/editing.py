"""Changes what is known about a member."""

from __future__ import annotations

from typing import Unpack

from django.db import IntegrityError, transaction
from psycopg import errors as pg

from core import audit
from core.actors import Actor
from core.errors import Refusal
from core.locking import lock_one
from members.errors import (
    ContactIsUsedToSignIn,
    ContactNeeded,
    EmailTaken,
    ExternalIdTaken,
    MemberClosed,
    PhoneTaken,
)
from members.models import Member
from members.services.details import Details, Fields, fields_from
from members.services.merging import free_contacts

_TAKEN: dict[str | None, type[Refusal]] = {
    "phone_belongs_to_one_member": PhoneTaken,
    "email_belongs_to_one_member": EmailTaken,
    "external_id_belongs_to_one_member": ExternalIdTaken,
}


@transaction.atomic
def edit_member(*, member_id: int, actor: Actor, **details: Unpack[Details]) -> Member:
    """Change these details and no others; attributes are laid over those there are."""
    member = lock_one(Member, member_id)
    if not member.is_open:
        raise MemberClosed
    changes = {
        name: value
        for name, value in fields_from(member, details).items()
        if getattr(member, name) != value
    }
    if not changes:
        return member
    _refuse_sign_in_contacts(member, changes)
    free_contacts(member, changes)
    _apply(member, changes)
    audit.record(
        "edited", member, organization_id=member.organization_id, actor=actor, fields=changes
    )
    return member


def _refuse_sign_in_contacts(member: Member, changes: Fields) -> None:
    """Leave the contact somebody signs in with to themselves, or staff could take an account."""
    if member.user_id is None:
        return
    for field in ("phone", "email"):
        if field in changes:
            raise ContactIsUsedToSignIn(field=field)


def _apply(member: Member, changes: Fields) -> None:
    for name, value in changes.items():
        setattr(member, name, value)
    if not (member.phone or member.email or member.external_id):
        raise ContactNeeded
    try:
        with transaction.atomic():
            member.save(update_fields=list(changes))
    except IntegrityError as fault:
        raise _refusal_for(fault) from fault


def _refusal_for(fault: IntegrityError) -> Exception:
    """Say whose contact it is that the database would not give twice."""
    cause = fault.__cause__
    constraint = cause.diag.constraint_name if isinstance(cause, pg.UniqueViolation) else None
    taken = _TAKEN.get(constraint)
    return fault if taken is None else taken()
