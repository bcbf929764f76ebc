"""Takes on staff."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from core.actors import SYSTEM, Actor
from core.audit import record
from core.codes import clean_code, is_taken, next_number
from core.errors import (
    AlreadyStaff,
    CodeTaken,
    NameMissing,
    PinInvalid,
    RoleUnknown,
    StaffEmailInvalid,
    StaffEmailNeeded,
    StoreCodeUnknown,
    about,
)
from core.models import Staff, Store, User
from core.models.people import Role
from core.text import clean_line, refuse_controls, typed_number

NAME_LENGTH_MAX = 120
PIN_LENGTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """Who is to work here, as somebody typed it; no code means the next number."""

    name: str
    role: str
    code: str = ""
    email: str = ""
    pin: str = ""
    stores: tuple[str, ...] = ()


@transaction.atomic
def add_staff(*, organization_id: int, new: NewStaff, actor: Actor = SYSTEM) -> Staff:
    """Give a person a role; with an e-mail address they can sign in to the office too.

    Someone known by this address from elsewhere stays the same person, and keeps their password.
    """
    name = clean_staff_name(new.name)
    role = known_role(new.role)
    pin = clean_pin(new.pin) if new.pin else ""
    stores = stores_by_codes(organization_id, new.stores)
    user = _person(new, role)
    if user and Staff.objects.filter(organization=organization_id, user=user).exists():
        raise AlreadyStaff
    staff = Staff(organization_id=organization_id, user=user, name=name, role=role)
    staff.code = _free_code(organization_id, new.code)
    if pin:
        staff.set_pin(pin)
    _save(staff)
    staff.stores.set(stores)
    record("added", staff, organization_id=organization_id, actor=actor)
    return staff


def random_pin() -> str:
    """Return six digits that nobody can guess."""
    return f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}"


def clean_pin(text: str) -> str:
    """Return a PIN as six ASCII digits, in whatever script it was typed."""
    with about("pin"):
        digits = typed_number(text)
    if len(digits) != PIN_LENGTH:
        raise PinInvalid
    return digits


def clean_email(text: str) -> str:
    """Return an address in the spelling by which its owner is recognized."""
    refuse_controls(text)
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as fault:
        raise StaffEmailInvalid from fault
    return email


def clean_staff_name(text: str) -> str:
    """Return the name by which somebody is known at work."""
    with about("name"):
        name = clean_line(text, max_length=NAME_LENGTH_MAX)
    if not name:
        raise NameMissing
    return name


def known_role(text: str) -> Role:
    """Return the role of this name, or refuse."""
    if text not in Role.values:
        raise RoleUnknown
    return Role(text)


def stores_by_codes(organization_id: int, codes: Iterable[str]) -> list[Store]:
    """Return the organization's stores of these codes, or refuse."""
    by_code = {store.code: store for store in Store.objects.filter(organization=organization_id)}
    for code in codes:
        if code not in by_code:
            raise StoreCodeUnknown(code=code)
    return [by_code[code] for code in codes]


def _person(new: NewStaff, role: Role) -> User | None:
    """Return the person of this address, or nobody for a cashier who has only a PIN."""
    if not new.email:
        if role is not Role.CASHIER:
            raise StaffEmailNeeded
        if not new.pin:
            raise PinInvalid
        return None
    with about("email"):
        email = clean_email(new.email)
    known = User.objects.filter(email__iexact=email).first()
    return known or User.objects.create_user(email)


def _free_code(organization_id: int, typed: str) -> str:
    taken = list(Staff.objects.filter(organization=organization_id).values_list("code", flat=True))
    if not typed:
        return next_number(taken)
    with about("code"):
        code = clean_code(typed)
        if is_taken(code, taken):
            raise CodeTaken
    return code


def _save(staff: Staff) -> None:
    try:
        with transaction.atomic():
            staff.save()
    except IntegrityError as taken:  # somebody took the code a moment ago
        raise CodeTaken(field="code") from taken
