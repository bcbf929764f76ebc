"""Opens organizations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import list_currencies
from django.conf import settings
from django.db import IntegrityError, transaction

from core.actors import SYSTEM
from core.audit import record
from core.codes import clean_code, clean_slug, is_taken
from core.errors import (
    CodeTaken,
    CountryUnknown,
    CurrencyUnknown,
    LanguageNotOffered,
    NameMissing,
    SlugTaken,
    StoreNeeded,
    TimeZoneUnknown,
    about,
)
from core.models import Organization, Register, Staff, Store
from core.models.people import Role
from core.services.staff import NewStaff, add_staff, clean_email
from core.text import clean_line

FIRST_REGISTER = "1"
NAME_LENGTH_MAX = 120

# Babel's list of territories names groups of countries and test regions as well.
NOT_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """What an organization is to be, as somebody typed it."""

    name: str
    slug: str
    currency: str
    country: str
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An organization that can start, and the person it belongs to."""

    organization: Organization
    owner: Staff


@transaction.atomic
def open_organization(
    *, new: NewOrganization, stores: Sequence[tuple[str, str]], owner_email: str
) -> Opened:
    """Open an organization with its stores, a register in each, and its owner.

    ``stores`` are pairs of code and name. Every refusal names the field it is about.
    """
    wanted = _clean(new)
    places = _clean_stores(stores)
    with about("owner_email"):
        email = clean_email(owner_email)
    organization = _create(wanted)
    _open_stores(organization, places)
    record("opened", organization, organization_id=organization.pk, actor=SYSTEM)
    owner = add_staff(
        organization_id=organization.pk,
        new=NewStaff(name=email.partition("@")[0], role=Role.OWNER, email=email),
    )
    return Opened(organization, owner)


def _clean(new: NewOrganization) -> dict[str, str]:
    return {
        "name": _clean_name(new.name, field="name"),
        "slug": clean_slug(new.slug),
        "currency": _known_currency(new.currency.upper()),
        "country": _known_country(new.country.upper()),
        "time_zone": _known_time_zone(new.time_zone),
        "language": _offered_language(new.language),
    }


def _known_currency(code: str) -> str:
    if code not in list_currencies():
        raise CurrencyUnknown
    return code


def _known_country(code: str) -> str:
    territories = Locale("en").territories
    if not (len(code) == 2 and code.isalpha() and code in territories) or code in NOT_COUNTRIES:
        raise CountryUnknown
    return code


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise TimeZoneUnknown
    return name


def _offered_language(code: str) -> str:
    if code not in dict(settings.LANGUAGES):
        raise LanguageNotOffered
    return code


def _clean_stores(stores: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    cleaned: list[tuple[str, str]] = []
    for typed_code, typed_name in stores:
        with about("stores"):
            code = clean_code(typed_code)
        if is_taken(code, [known for known, _name in cleaned]):
            raise CodeTaken(field="stores", code=code)
        cleaned.append((code, _clean_name(typed_name, field="stores")))
    if not cleaned:
        raise StoreNeeded
    return cleaned


def _clean_name(text: str, *, field: str) -> str:
    with about(field):
        name = clean_line(text, max_length=NAME_LENGTH_MAX)
    if not name:
        raise NameMissing(field=field)
    return name


def _create(wanted: dict[str, str]) -> Organization:
    try:
        with transaction.atomic():
            return Organization.objects.create(**wanted)
    except IntegrityError as taken:
        raise SlugTaken from taken


def _open_stores(organization: Organization, places: Iterable[tuple[str, str]]) -> None:
    stores = Store.objects.bulk_create(
        Store(organization=organization, code=code, name=name) for code, name in places
    )
    Register.objects.bulk_create(
        Register(organization=organization, store=store, code=FIRST_REGISTER) for store in stores
    )
