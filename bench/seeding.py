"""Fills a database with the shop of the bench, its members and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from bench.history import TABLES, Ground, Past
from bench.indexes import without_indexes
from bench.shop import CATEGORIES, PHONES_MAX, PRODUCTS, SLUG, STORE, phone, program, sku
from core.bulk import copy_rows, text_array
from core.outbox import event, tell
from core.services.organizations import NewOrganization
from loyalty.models import Batch, RuleVersion
from loyalty.services.organizations import Started, start_organization
from loyalty.services.programs import load_program
from members.models import Source
from members.services.enrollment import enroll

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1_000
NEW = NewOrganization(
    name="Bench",
    slug=SLUG,
    currency="GBP",
    country="GB",
    time_zone="Europe/London",
    language="en",
)


def open_shop() -> Started:
    """Open the shop, with its ten rules and all it sells."""
    started = start_organization(
        new=NEW, stores=[(STORE, "Main Street")], owner_email="owner@bench.example"
    )
    load_program(organization_id=started.organization.pk, document=program())
    copy_rows(
        "loyalty_product",
        ("id", "organization_id", "sku", "name", "brand", "category"),
        (
            (
                number + 1,
                started.organization.pk,
                sku(number),
                f"Product {number}",
                f"Brand {number % 40}",
                text_array(CATEGORIES[number % len(CATEGORIES)]),
            )
            for number in range(PRODUCTS)
        ),
    )
    _continue_ids("loyalty_product")
    return started


@transaction.atomic
def enroll_members(started: Started, count: int) -> None:
    """Let a few members join who did nothing before."""
    for number in range(count):
        enroll(organization_id=started.organization.pk, source=Source.TILL, phone=phone(number))


@transaction.atomic
def write_history(started: Started, members: int) -> None:
    """Write that many members and ten entries each; all at once and without a question.

    Whatever the tables would check on the way is known to hold: ``audit_ledger`` finds it so.
    """
    assert members <= PHONES_MAX, "there are no more phone numbers"
    ground = _ground(started)
    with without_indexes(list(TABLES)), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, (columns, write) in TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for block in _blocks(members):
                    copy.write("".join(row for past in block for row in write(ground, past)))
            _continue_ids(table)
        cursor.execute("SET LOCAL session_replication_role = origin")


def _ground(started: Started) -> Ground:
    organization = started.organization
    batch = Batch.objects.create(organization=organization, kind="import")
    tell([event("import.finished", batch, organization_id=organization.pk, payload={})])
    return Ground(
        organization_id=organization.pk,
        program_id=started.program.pk,
        store_id=organization.stores.get().pk,
        rule_version_id=RuleVersion.objects.get(rule__code="base").pk,
        batch_id=batch.pk,
    )


def _blocks(members: int) -> Iterator[list[Past]]:
    for first in range(0, members, BLOCK):
        yield [Past(number) for number in range(first, min(first + BLOCK, members))]


def _continue_ids(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )
