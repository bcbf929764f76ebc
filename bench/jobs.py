"""The long jobs: points that end, and a shop's history from a file."""

from __future__ import annotations

import gzip
import os
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bench.client import Round
from bench.shop import SLUG
from bench.table import EXPIRY, EXPIRY_AT_ONCE, IMPORT, REIMPORT
from core.embedded.folder import PROJECT

if TYPE_CHECKING:
    from bench.place import Place

RECEIPTS, PRODUCTS = "transactions.csv.gz", "products.csv.gz"
# The ends that the seeded lots have, and no other.
NEXT_END = """
    SELECT min(expires_at)::text FROM loyalty_lot
    WHERE remaining > 0 AND expires_at >= '2030-01-01'
"""
AT_ONCE = """
    WITH due AS (
        SELECT id, account_id, remaining - held AS points, expires_at FROM loyalty_lot
        WHERE remaining > 0 AND remaining > held AND expires_at <= %(moment)s
    ), sums AS (
        SELECT account_id, sum(points)::bigint AS points, max(expires_at) AS at
        FROM due GROUP BY account_id
    ), batch AS (
        INSERT INTO loyalty_batch (organization_id, kind, created_at)
        SELECT id, 'expiry', now() FROM core_organization WHERE slug = %(slug)s RETURNING id
    ), drained AS (
        UPDATE loyalty_lot lot SET remaining = lot.held FROM due WHERE lot.id = due.id
    ), moved AS (
        UPDATE loyalty_account account
        SET balance = balance - sums.points, sequence = sequence + 1
        FROM sums WHERE account.id = sums.account_id
        RETURNING account.id, account.balance, account.sequence, sums.points, sums.at
    ), entered AS (
        INSERT INTO loyalty_entry (account_id, sequence, kind, points, balance_after, request_key,
            actor, cause, reason, batch_id, occurred_at, created_at)
        SELECT moved.id, sequence, 'expire', -points, balance, format('expire:%%s', sequence),
            'system', 'expiry', '', batch.id, at, now()
        FROM moved, batch RETURNING id, account_id
    )
    INSERT INTO loyalty_consumption (points, entry_id, lot_id)
    SELECT due.points, entered.id, due.id FROM due JOIN entered USING (account_id)
"""
TIDY = "VACUUM ANALYZE loyalty_lot, loyalty_account, loyalty_entry, loyalty_consumption"


def expiries(place: Place, database: str) -> dict[str, Round]:
    """Expire a lot of every member, first in one statement that is taken back, then in chunks."""
    with place.connect(database) as connection:
        connection.execute(TIDY)
        [moment] = connection.execute(NEXT_END).fetchone() or [None]
    if moment is None:
        print("expiry is not measured: every lot has ended; use --fresh")
        return {}
    at_once = _at_once(place, database, moment)
    said = place.run(database, "-m", "bench.inside", "expire", moment).split()
    return {EXPIRY_AT_ONCE: at_once, EXPIRY: Round.of(int(said[0]), float(said[1]))}


def imports(place: Place, template: str, lines: int) -> dict[str, Round]:
    """Import real receipts twice into a copy of a database; the second time nothing is new."""
    receipts = _receipts(place, lines)
    if receipts is None:
        print("import is not measured: no receipts; REGULARS_TEST_DATA names their folder")
        return {}
    name = "bench_import"
    place.copy(template, name)
    count = _lines_in(receipts)
    rounds = {}
    for work in (IMPORT, REIMPORT):
        began = time.monotonic()
        command = ("manage.py", "import_receipts", SLUG, str(receipts))
        # 1 says that rows were refused, as real files have some.
        place.run(name, *command, "--mapping", "complete-journey", accept=(0, 1))
        rounds[work] = Round.of(count, time.monotonic() - began)
    return rounds


def audit(place: Place, database: str) -> None:
    """Let the auditor look at everything that the rounds left behind."""
    print(place.run(database, "manage.py", "audit_ledger", SLUG).strip())


def _at_once(place: Place, database: str, moment: str) -> Round:
    with place.connect(database) as connection:
        began = time.monotonic()
        with connection.transaction(force_rollback=True):
            done = connection.execute(AT_ONCE, {"moment": moment, "slug": SLUG})
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            took = time.monotonic() - began
        connection.execute(TIDY)
    return Round.of(done.rowcount, took)


def _receipts(place: Place, lines: int) -> Path | None:
    """Return the file of receipts; a shorter one, with its products beside it, when asked."""
    data = Path(os.environ.get("REGULARS_TEST_DATA") or PROJECT.parent / "shared" / "data")
    whole = data / "complete_journey" / RECEIPTS
    if not whole.is_file():
        return None
    if not lines:
        return whole
    part = place.data / RECEIPTS
    (place.data / PRODUCTS).write_bytes((whole.parent / PRODUCTS).read_bytes())
    with gzip.open(whole, "rt") as source, gzip.open(part, "wt") as target:
        target.writelines(islice(source, lines + 1))
    return part


def _lines_in(receipts: Path) -> int:
    with gzip.open(receipts, "rb") as opened:
        count = sum(1 for _line in opened) - 1
    return count or sys.exit(f"{receipts.name} is empty")
