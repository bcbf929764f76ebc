"""What the product itself may do in the database, where its tables belong to somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

READER = "regulars_read"

# Whatever refuses to be changed by trigger is a fact, so that a new table need not be listed.
FACTS = """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
    JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE proname = 'regulars_refuse_change' AND NOT tgisinternal
    ORDER BY 1
"""
READ_ONLY = "django_migrations"


@contextmanager
def as_owner() -> Iterator[None]:
    """Let this thread's connection be the owner's, where there is one of its own."""
    owner = settings.DATABASE_OWNER
    if not owner:
        yield
        return
    ours = {name: connection.settings_dict[name] for name in owner}
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(ours)


@transaction.atomic
def grant(*, app: str | None, reader: str | None = None) -> None:
    """Let the product add and read everything, change what may change, and never rewrite facts.

    Nobody but the owner empties a table. Roles that are not there are passed over.
    """
    for role in _existing([app]):
        _run("GRANT USAGE ON SCHEMA public TO {role}", role)
        _run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}", role)
        _run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}", role)
        _run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}", role)
        _run("REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}", role, [READ_ONLY])
        _run("REVOKE UPDATE, DELETE ON {table} FROM {role}", role, _facts())
    for role in _existing([reader]):
        _run("GRANT USAGE ON SCHEMA public TO {role}", role)
        _run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", role)


def _facts() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        return [table for (table,) in cursor.fetchall()]


def _existing(roles: Iterable[str | None]) -> list[str]:
    with connection.cursor() as cursor:
        named = [role for role in roles if role]
        cursor.execute("SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s)", [named])
        return [role for (role,) in cursor.fetchall()]


def _run(statement: str, role: str, tables: Iterable[str] = ("",)) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            names = {"role": sql.Identifier(role), "table": sql.Identifier(table)}
            cursor.execute(sql.SQL(statement).format(**names))
