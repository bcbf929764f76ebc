"""Makes regions, which are named sets of stores, and says which stores lie in them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from core.actors import Actor
from core.audit import record
from core.codes import clean_slug, short_name_of
from core.errors import CodeTaken, NameMissing, StoreCodeUnknown, about
from core.locking import lock_one
from core.models import Organization, Region, RegionStore, Store
from core.text import clean_line

NAME_LENGTH_MAX = 80


@transaction.atomic
def add_region(
    *, organization_id: int, name: str, code: str, stores: Collection[str], actor: Actor
) -> Region:
    """Make a region of the stores with these codes; no code of its own means one like its name."""
    organization = lock_one(Organization, organization_id)
    called = _clean_name(name)
    known = set(Region.objects.filter(organization=organization).values_list("code", flat=True))
    with about("code"):
        wanted = clean_slug(code) if code else short_name_of(called, known, "region")
        if wanted in known:
            raise CodeTaken
    places = _stores(organization_id, stores)
    region = Region.objects.create(organization=organization, code=wanted, name=called)
    _bring(region, places)
    record("added", region, organization_id=organization_id, actor=actor)
    return region


@transaction.atomic
def change_region(*, region_id: int, name: str, stores: Collection[str], actor: Actor) -> Region:
    """Change what a region is called and which stores lie in it; its code stays."""
    region = Region.objects.get(pk=region_id)
    lock_one(Organization, region.organization_id)
    region.refresh_from_db()
    called = _clean_name(name)
    fields = []
    if region.name != called:
        region.name = called
        region.save(update_fields=["name"])
        fields.append("name")
    if _bring(region, _stores(region.organization_id, stores)):
        fields.append("stores")
    if fields:
        organization_id = region.organization_id
        record("changed", region, organization_id=organization_id, actor=actor, fields=fields)
    return region


def _clean_name(name: str) -> str:
    with about("name"):
        called = clean_line(name, max_length=NAME_LENGTH_MAX)
        if not called:
            raise NameMissing
    return called


def _stores(organization_id: int, codes: Collection[str]) -> set[int]:
    found = Store.objects.filter(organization_id=organization_id, code__in=codes)
    ids = set(found.values_list("pk", flat=True))
    if len(ids) < len(set(codes)):
        raise StoreCodeUnknown(field="stores")
    return ids


def _bring(region: Region, wanted: set[int]) -> bool:
    """Let exactly these stores lie in the region; say whether that is anything new."""
    places = RegionStore.objects.filter(region=region)
    there = set(places.values_list("store_id", flat=True))
    places.filter(store_id__in=there - wanted).delete()
    RegionStore.objects.bulk_create(
        RegionStore(organization_id=region.organization_id, region=region, store_id=store_id)
        for store_id in sorted(wanted - there)
    )
    return there != wanted
