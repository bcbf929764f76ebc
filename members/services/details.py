"""Turns what people type about themselves into what a member row stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from django.conf import settings
from django.utils import timezone

from core.errors import LanguageNotOffered, about
from core.models import Store
from core.text import clean_line
from members.attributes import merge_attributes
from members.birthdays import Birthday, parse_birthday, refuse_impossible_birthday
from members.emails import clean_email, email_key
from members.errors import StoreUnknown
from members.models import Member
from members.names import clean_name
from members.phones import e164
from members.services.attributes import defined_by

EXTERNAL_ID_LENGTH_MAX = 64


class Details(TypedDict, total=False):
    """What may be said about a member, as it was typed; absent means unsaid."""

    phone: str | None
    email: str | None
    external_id: str | None
    name: str
    birthday: Birthday | str | None
    language: str
    store_id: int | None
    attributes: Mapping[str, object] | None


Fields = dict[str, Any]


def fields_from(member: Member, details: Details) -> Fields:
    """Return the member's fields with these details in their one spelling, or refuse them."""
    fields: Fields = {}
    for name, clean in _CLEANERS.items():
        if name in details:
            fields |= clean(member, details[name])  # type: ignore[literal-required]
    return fields


def _phone(member: Member, raw: str | None) -> Fields:
    return {"phone": e164(raw, region=member.organization.country) if raw else None}


def _email(_member: Member, raw: str | None) -> Fields:
    email = clean_email(raw) if raw else None
    return {"email": email, "email_key": email_key(email) if email else None}


def _external_id(_member: Member, raw: str | None) -> Fields:
    with about("external_id"):
        return {"external_id": clean_line(raw or "", max_length=EXTERNAL_ID_LENGTH_MAX) or None}


def _name(_member: Member, raw: str) -> Fields:
    return {"name": clean_name(raw)}


def _birthday(member: Member, told: Birthday | str | None) -> Fields:
    if not told:
        return {"birth_month": None, "birth_day": None, "birth_year": None}
    birthday = parse_birthday(told) if isinstance(told, str) else told
    today = timezone.localdate(timezone=member.organization.zone)
    refuse_impossible_birthday(birthday, today=today)
    return {
        "birth_month": birthday.month,
        "birth_day": birthday.day,
        "birth_year": birthday.year,
    }


def _language(_member: Member, raw: str) -> Fields:
    spoken = dict(settings.LANGUAGES)
    tag = raw.lower()
    for language in (tag, tag.partition("-")[0]):
        if not language or language in spoken:
            return {"language": language}
    raise LanguageNotOffered


def _store_id(member: Member, store_id: int | None) -> Fields:
    stores = Store.objects.filter(organization_id=member.organization_id)
    if store_id is not None and not stores.filter(pk=store_id).exists():
        raise StoreUnknown
    return {"home_store_id": store_id}


def _attributes(member: Member, raw: Mapping[str, object] | None) -> Fields:
    if not raw:
        return {}
    defined = defined_by(member.organization_id)
    return {"attributes": merge_attributes(member.attributes, raw, defined)}


_CLEANERS: dict[str, Callable[[Member, Any], Fields]] = {
    "phone": _phone,
    "email": _email,
    "external_id": _external_id,
    "name": _name,
    "birthday": _birthday,
    "language": _language,
    "store_id": _store_id,
    "attributes": _attributes,
}
