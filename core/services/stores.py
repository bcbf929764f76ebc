"""Opens stores and changes them; finds them by the codes that shop systems name them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from core.actors import Actor
from core.audit import record
from core.codes import clean_code, is_taken, next_number
from core.errors import CodeTaken, NameMissing, TimeZoneUnknown, about
from core.locking import lock_one
from core.models import Organization, Register, Store
from core.text import caseless, clean_line

NAME_LENGTH_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDetails:
    """What is said of a store, as somebody typed it; no time zone means the organization's."""

    name: str
    time_zone: str = ""


def stores_by_code(organization_id: int) -> dict[str, Store]:
    """Return the organization's stores by their codes, capitals aside."""
    stores = Store.objects.filter(organization_id=organization_id).select_related("organization")
    return {caseless(store.code): store for store in stores}


@transaction.atomic
def open_stores(*, organization_id: int, codes: Iterable[str]) -> dict[str, Store]:
    """Open a store for each code that has none, named like it; return all stores by code.

    Raises ``CodeInvalid`` for a code that cannot be printed.
    """
    wanted = {caseless(code): code for code in map(clean_code, codes)}
    known = stores_by_code(organization_id)
    missing = [wanted[key] for key in sorted(wanted.keys() - known.keys())]
    Store.objects.bulk_create(
        [Store(organization_id=organization_id, code=code, name=code) for code in missing],
        ignore_conflicts=True,
    )
    return stores_by_code(organization_id) if missing else known


@transaction.atomic
def add_store(*, organization_id: int, code: str, details: StoreDetails, actor: Actor) -> Store:
    """Open a store with its first register; no code means the next number."""
    organization = lock_one(Organization, organization_id)
    said = _clean(details)
    taken = list(stores_by_code(organization_id))
    with about("code"):
        wanted = clean_code(code) if code else next_number(taken)
        if is_taken(wanted, taken):
            raise CodeTaken
    store = _insert(Store(organization=organization, code=wanted, **said))
    first = next_number([])
    Register.objects.create(organization=organization, store=store, code=first)
    record("added", store, organization_id=organization_id, actor=actor)
    return store


@transaction.atomic
def change_store(*, store_id: int, details: StoreDetails, actor: Actor) -> Store:
    """Change what a store is called and by which clock it lives; its code stays."""
    store = lock_one(Store, store_id)
    said = _clean(details)
    fields = [name for name, value in said.items() if getattr(store, name) != value]
    if not fields:
        return store
    for name in fields:
        setattr(store, name, said[name])
    store.save(update_fields=fields)
    record("changed", store, organization_id=store.organization_id, actor=actor, fields=fields)
    return store


def _clean(details: StoreDetails) -> dict[str, str]:
    with about("name"):
        name = clean_line(details.name, max_length=NAME_LENGTH_MAX)
        if not name:
            raise NameMissing
    if details.time_zone and details.time_zone not in available_timezones():
        raise TimeZoneUnknown
    return {"name": name, "time_zone": details.time_zone}


def _insert(store: Store) -> Store:
    try:
        with transaction.atomic():
            store.save(force_insert=True)
    except IntegrityError as taken:  # an import opened a store of this code a moment ago
        raise CodeTaken(field="code") from taken
    return store
