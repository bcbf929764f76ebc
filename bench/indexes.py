"""Takes indexes off tables that are about to be filled, and makes them again afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

# A unique index that a foreign key points at has to stay.
CONSTRAINTS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
            pg_get_constraintdef(own.oid))
    FROM pg_constraint own
    WHERE conrelid = ANY(%s::regclass[]) AND contype = 'u' AND NOT EXISTS (
        SELECT FROM pg_constraint other
        WHERE other.contype = 'f' AND other.conindid = own.conindid
    )
"""
INDEXES = """
    SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (
        SELECT FROM pg_constraint WHERE conindid = indexrelid
    )
"""


@contextmanager
def without_indexes(tables: list[str]) -> Iterator[None]:
    """Have no index on these tables but the keys during the body."""
    with connection.cursor() as cursor:
        again = []
        for question in (CONSTRAINTS, INDEXES):
            cursor.execute(question, [tables])
            for drop, make in cursor.fetchall():
                cursor.execute(drop)
                again.append(make)
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for make in again:
            cursor.execute(make)
