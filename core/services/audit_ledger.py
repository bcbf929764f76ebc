"""Asks every app's invariants and returns the rows that break one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from core.assembly import modules_named
from core.invariants import EVERYTHING, Invariant, Scope, Violation


def every_invariant() -> list[Invariant]:
    """Return the invariants of all apps, lowest app first."""
    return [one for module in modules_named("invariants") for one in _of(module)]


def violations(
    scope: Scope = EVERYTHING, *, only: Collection[str] | None = None
) -> list[Violation]:
    """Return every row that breaks an invariant, or one of those named.

    Each question is one statement and so sees one moment, whatever is being written meanwhile.
    """
    asked = [one for one in every_invariant() if only is None or one.name in only]
    with _in_no_hurry(reads_everything=not scope.accounts):
        return [row for invariant in asked for row in _ask(invariant, scope)]


def accounts_named(rows: Iterable[Violation]) -> set[int]:
    """Return the accounts that these rows concern; a row of stock or of a guest concerns none."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.subject, set()).add(row.subject_id)
    questions = _questions_for_accounts()
    return {
        account_id
        for subject, pks in ids.items()
        if subject in questions
        for account_id in _accounts(questions[subject], pks)
    }


def _of(module: object) -> list[Invariant]:
    return list(getattr(module, "INVARIANTS", []))


def _ask(invariant: Invariant, scope: Scope) -> list[Violation]:
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql, scope.parameters)
        return [Violation(invariant.name, *row) for row in cursor.fetchall()]


def _questions_for_accounts() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in modules_named("invariants"):
        found |= getattr(module, "ACCOUNTS_OF", {})
    return found


def _accounts(question: str, pks: set[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(question, [sorted(pks)])
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def _in_no_hurry(*, reads_everything: bool) -> Iterator[None]:
    """Let statements take as long as they need.

    Whoever reads everything joins whole tables; looking rows up one by one would take for ever,
    and is what the planner chooses for tables that it has not counted yet.
    """
    wanted = {"statement_timeout": "0"}
    if reads_everything:
        wanted["enable_nestloop"] = "off"
    before = _settings(wanted)
    _set(wanted)
    try:
        yield
    finally:
        # After a failure inside a transaction its end restores the settings.
        with suppress(DatabaseError):
            _set(before)


def _settings(names: Iterable[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(names)]
        )
        return dict(cursor.fetchall())


def _set(settings: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
