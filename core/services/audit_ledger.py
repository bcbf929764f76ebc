"""Asks every app's invariants and returns the rows that break one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from core.assembly import modules_named
from core.invariants import Invariant, Violation

ROWS_MAX = 100


def every_invariant() -> list[Invariant]:
    """Return the invariants of all apps, lowest app first."""
    return [one for module in modules_named("invariants") for one in _of(module)]


def violations(organization_id: int | None = None) -> list[Violation]:
    """Return every violation, at most a hundred rows per invariant."""
    return [row for invariant in every_invariant() for row in _ask(invariant, organization_id)]


def _of(module: object) -> list[Invariant]:
    return list(getattr(module, "INVARIANTS", []))


def _ask(invariant: Invariant, organization_id: int | None) -> Iterator[Violation]:
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql, {"organization": organization_id})
        for row in cursor.fetchmany(ROWS_MAX):
            yield Violation(invariant.name, *row)
