"""The one form in which entries and blocks are hashed, so that anybody can compute it again.

An entry is a JSON list of its columns; its digest is the SHA-256 of that text. A block's hash is
the SHA-256 of its head, a JSON list too, followed by the digests of its entries in order of ids.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

FORM = "regulars.seal.1"
FIRST = "0" * 64  # what the first block of an organization chains to
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def _instant(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


# In SQL, so that ten million entries are hashed where they are.
ENTRY_DIGEST = f"""sha256(convert_to(json_build_array(
    entry.id, entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after,
    entry.request_key, entry.actor, entry.cause, entry.cause_id, entry.reason, entry.reverses_id,
    entry.batch_id, {_instant("entry.occurred_at")}, {_instant("entry.created_at")}
)::text, 'UTF8'))"""
BLOCK_HASH = f"""encode(sha256(convert_to(json_build_array(
    '{FORM}', seal.organization_id, seal.number, seal.first_entry, seal.last_entry, seal.entries,
    seal.previous_hash, {_instant("seal.sealed_at")}
)::text, 'UTF8') || seal.digests), 'hex')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a block says of itself, in the order in which it is hashed."""

    organization_id: int
    number: int
    first_entry: int
    last_entry: int
    entries: int
    previous_hash: str
    sealed_at: datetime


def block_hash(head: Head, digests: bytes) -> str:
    """Return the hash of a block whose entries have these digests, one after the other."""
    told = [
        FORM,
        head.organization_id,
        head.number,
        head.first_entry,
        head.last_entry,
        head.entries,
        head.previous_hash,
        head.sealed_at.astimezone(UTC).strftime(INSTANT),
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode() + digests).hexdigest()
