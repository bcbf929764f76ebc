"""Seals entries in blocks that chain to one another, and tells the world each block's hash."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Sum
from django.utils import timezone

from core.locking import only_one
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Entry, Seal
from loyalty.sealing import ENTRY_DIGEST, FIRST, Head, block_hash

SEALED = "ledger.sealed"
BLOCK = 10_000
PATIENCE = 60.0
PAUSE = 0.2

BLOCKS = f"""
    SELECT program.organization_id, array_agg(entry.id ORDER BY entry.id),
        string_agg({ENTRY_DIGEST}, ''::bytea ORDER BY entry.id)
    FROM (
        SELECT * FROM loyalty_entry WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
    ) entry
    JOIN loyalty_account account ON account.id = entry.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    GROUP BY program.organization_id
    ORDER BY program.organization_id
"""  # noqa: S608
# Of this database only: a snapshot's horizon would wait for every other one of the server too.
IS_ANYBODY_OLDER = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND age(backend_xid) > age(xid(%s::text::xid8))
    )
"""
Content = tuple[int, list[int], bytes]


def seal_entries(*, patience: float = PATIENCE, block: int = BLOCK) -> int:
    """Seal every entry older than any transaction that still runs; return how many blocks.

    A round takes the next entries of all organizations and seals them in one transaction, a block
    for each organization. So whatever lies below the newest seal is sealed or is a forgery.
    """
    with only_one("loyalty.seal_entries", patience=0) as alone:
        up_to = _settled(patience) if alone else None
        sealed = 0
        while up_to is not None and (made := _seal_round(up_to, block)):
            sealed += made
    return sealed


@dataclass(frozen=True, slots=True)
class Sealed:
    """How much is sealed."""

    blocks: int
    entries: int


def sealed_so_far(organization_id: int | None = None) -> Sealed:
    """Count what is sealed, of one organization or of all."""
    seals = Seal.objects.all()
    if organization_id is not None:
        seals = seals.filter(organization_id=organization_id)
    sums = seals.aggregate(Count("pk"), Sum("entries"))
    return Sealed(sums["pk__count"], sums["entries__sum"] or 0)


def hash_of(organization_id: int, number: int) -> str | None:
    """Return the hash under which a block of the organization is kept here."""
    seals = Seal.objects.filter(organization_id=organization_id, number=number)
    return seals.values_list("hash", flat=True).first()


def _settled(patience: float) -> int | None:
    """Return an entry's id below which no other can appear any more, or nothing for now.

    Ids are handed out before their transactions commit, so an entry may become visible after one
    with a greater id. Whoever was handed an id below the newest one visible was at work when we
    looked, and had its number as a transaction: it had locked its account before. We take a number
    ourselves, which is greater, and wait until all smaller ones are over. Then what was going to
    be committed below that id is committed.
    """
    assert not connection.in_atomic_block, "who waits for transactions must not be in one"
    newest: int | None = Entry.objects.aggregate(newest=Max("pk"))["newest"]
    fence = _ask("SELECT pg_current_xact_id()::text")
    end = time.monotonic() + patience
    while _ask(IS_ANYBODY_OLDER, fence):
        if time.monotonic() > end:
            return None
        time.sleep(PAUSE)
    return newest


@transaction.atomic
def _seal_round(up_to: int, block: int) -> int:
    after = Seal.objects.aggregate(last=Max("last_entry"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(BLOCKS, [after, up_to, block])
        contents: list[Content] = cursor.fetchall()
    before = _newest_seals(organization_id for organization_id, _ids, _digests in contents)
    now = timezone.now()
    seals = [_seal(content, before.get(content[0]), now) for content in contents]
    Seal.objects.bulk_create(seals)
    tell(_event_of(seal) for seal in seals)
    return len(seals)


def _newest_seals(organization_ids: Iterable[int]) -> dict[int, Seal]:
    newest = Seal.objects.filter(organization_id__in=list(organization_ids))
    newest = newest.order_by("organization_id", "-number").distinct("organization_id")
    return {seal.organization_id: seal for seal in newest.only("organization", "number", "hash")}


def _seal(content: Content, before: Seal | None, now: datetime) -> Seal:
    organization_id, entry_ids, digests = content
    head = Head(
        organization_id=organization_id,
        number=before.number + 1 if before else 1,
        first_entry=entry_ids[0],
        last_entry=entry_ids[-1],
        entries=len(entry_ids),
        previous_hash=before.hash if before else FIRST,
        sealed_at=now,
    )
    return Seal(
        organization_id=organization_id,
        number=head.number,
        first_entry=head.first_entry,
        last_entry=head.last_entry,
        entries=head.entries,
        entry_ids=entry_ids,
        digests=digests,
        previous_hash=head.previous_hash,
        hash=block_hash(head, digests),
        sealed_at=now,
    )


def _event_of(seal: Seal) -> OutboxEvent:
    return event(
        SEALED,
        seal,
        organization_id=seal.organization_id,
        payload={
            "block": seal.number,
            "entries": seal.entries,
            "previous_hash": seal.previous_hash,
            "hash": seal.hash,
            "sealed_at": seal.sealed_at.isoformat(),
        },
    )


def _ask(question: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        row = cursor.fetchone()
    return row[0] if row else None
