"""What files brought in before, recognized by its rows as they stood there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from core.bulk import array

KNOWN = """
    SELECT fingerprint, documents FROM loyalty_importedreceipt
    WHERE organization_id = %s AND fingerprint = ANY(%s::uuid[])
"""
# Receipts are never taken off the record, so what was whole once stays so.
NOTE = """
    INSERT INTO loyalty_importedreceipt (organization_id, fingerprint, documents)
    SELECT %s, * FROM unnest(%s::uuid[], %s::smallint[])
    ON CONFLICT (organization_id, fingerprint) DO NOTHING
"""


def imported_before(organization_id: int, marks: Sequence[UUID]) -> dict[UUID, int]:
    """Return which of these receipts are on record whole, and how many records each is."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [organization_id, array(marks)])
        return dict(cursor.fetchall())


def note_imported(organization_id: int, whole: Iterable[tuple[UUID, int]]) -> None:
    """Note receipts all rows of which are on record, to recognize them in the next file."""
    noted = dict(sorted(whole))
    if noted:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [organization_id, array(noted), array(noted.values())])
