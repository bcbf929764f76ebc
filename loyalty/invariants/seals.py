"""Blocks of entries are as they were when they were sealed."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import ACCOUNT, ORGANIZATION, SINCE
from loyalty.sealing import BLOCK_HASH, ENTRY_DIGEST, FIRST

# Sorted by block and entry, so that the first row is the first that was tampered with.
SEALS_HOLD = Invariant(
    "INV-14",
    "Sealed blocks hash to their seal, chain to the one before, and were told as they are.",
    f"""
    WITH sealed AS (
        SELECT seal.organization_id, seal.number, part.entry_id,
            substr(seal.digests, part.place::int * 32 - 31, 32) AS digest
        FROM loyalty_seal seal
        CROSS JOIN LATERAL unnest(seal.entry_ids) WITH ORDINALITY AS part(entry_id, place)
        WHERE {ORGANIZATION.format("seal")} AND {SINCE.format("seal.sealed_at")}
    ),
    reach AS (
        SELECT max(last_entry) AS last,
            max(last_entry) FILTER (WHERE sealed_at < %(since)s::timestamptz) AS before
        FROM loyalty_seal
    ),
    found AS (
        SELECT entry.id, entry.account_id, program.organization_id, {ENTRY_DIGEST} AS digest
        FROM loyalty_entry entry
        JOIN loyalty_account account ON account.id = entry.account_id
        JOIN loyalty_program program ON program.id = account.program_id
        CROSS JOIN reach
        WHERE entry.id <= reach.last AND (reach.before IS NULL OR entry.id > reach.before)
            AND {ORGANIZATION.format("program")}
    ),
    chain AS (
        SELECT seal.*, {BLOCK_HASH} AS computed,
            lag(seal.hash, 1, '{FIRST}') OVER blocks AS hash_before,
            lag(seal.number, 1, 0) OVER blocks AS number_before,
            event.payload ->> 'hash' AS told
        FROM loyalty_seal seal
        LEFT JOIN core_outboxevent event ON event.subject = 'loyalty.seal'
            AND event.subject_id = seal.id AND event.kind = 'ledger.sealed'
        WHERE {ORGANIZATION.format("seal")}
        WINDOW blocks AS (PARTITION BY seal.organization_id ORDER BY seal.number)
    )
    SELECT organization_id, subject, subject_id, detail FROM (
        SELECT chain.organization_id, chain.number, 0 AS entry_id, 'loyalty.seal' AS subject,
            chain.id AS subject_id, format('block %%s %%s', chain.number, CASE
                WHEN chain.computed <> chain.hash THEN 'does not hash to its seal'
                WHEN chain.told <> chain.hash THEN 'was told with another hash'
                ELSE 'does not continue the one before' END) AS detail
        FROM chain
        WHERE {SINCE.format("chain.sealed_at")} AND (
            chain.computed <> chain.hash OR chain.told <> chain.hash
            OR chain.previous_hash <> chain.hash_before OR chain.number <> chain.number_before + 1
        )
        UNION ALL
        SELECT coalesce(sealed.organization_id, found.organization_id), sealed.number,
            coalesce(sealed.entry_id, found.id), 'loyalty.entry',
            coalesce(sealed.entry_id, found.id), CASE
                WHEN found.id IS NULL THEN format('block %%s: the entry is gone', sealed.number)
                WHEN sealed.entry_id IS NULL THEN 'appeared among entries that were sealed before'
                ELSE format('block %%s: the entry was changed', sealed.number) END
        FROM sealed FULL JOIN found
            ON found.id = sealed.entry_id AND found.organization_id = sealed.organization_id
        WHERE {ACCOUNT.format("found.account_id")}
            AND sealed.digest IS DISTINCT FROM found.digest
    ) broken
    ORDER BY organization_id, number NULLS FIRST, entry_id
    """,
)

INVARIANTS = [SEALS_HOLD]
