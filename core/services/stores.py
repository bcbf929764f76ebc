"""Finds stores by the codes that shop systems name them by, and opens those that are new."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from core.codes import clean_code
from core.models import Store
from core.text import caseless


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
