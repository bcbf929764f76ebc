"""Balances, entries and lots explain one another."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import ACCOUNT, ACCOUNTS, HERE, OWN, of_account

BALANCE_IS_THE_SUM = Invariant(
    "INV-1",
    "An account's balance is the sum of its entries, whose sequence has no gap.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('balance %%s, entries %%s, last %%s of %%s', account.balance,
            coalesce(sums.points, 0), account.sequence, coalesce(sums.entries, 0))
    FROM {ACCOUNTS}
    LEFT JOIN (
        SELECT account_id, sum(points) AS points, count(*) AS entries, max(sequence) AS last
        FROM loyalty_entry {OWN} GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE {HERE} AND (account.balance, account.sequence, account.sequence)
        IS DISTINCT FROM
            (coalesce(sums.points, 0), coalesce(sums.last, 0), coalesce(sums.entries, 0))
    """,
)
BALANCE_IS_CONTINUOUS = Invariant(
    "INV-1b",
    "Each entry's balance is the one before it plus its points.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('after %%s, before %%s, points %%s', entry.balance_after, entry.before, entry.points)
    FROM (
        SELECT id, account_id, points, balance_after,
            lag(balance_after, 1, 0::bigint)
                OVER (PARTITION BY account_id ORDER BY sequence) AS before
        FROM loyalty_entry {OWN}
    ) entry
    {of_account("entry")}
    WHERE {HERE} AND entry.balance_after <> entry.before + entry.points
    """,
)
BALANCE_IS_WHAT_IS_LEFT = Invariant(
    "INV-2",
    "What is left in the lots less debt is the balance, and what is held is held by open holds.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('balance %%s, left %%s, debt %%s, held %%s of %%s', account.balance,
            coalesce(lots.remaining, 0), account.debt, coalesce(lots.held, 0),
            coalesce(holds.points, 0))
    FROM {ACCOUNTS}
    LEFT JOIN (
        SELECT account_id, sum(remaining) AS remaining, sum(held) AS held
        FROM loyalty_lot {OWN} GROUP BY account_id
    ) lots ON lots.account_id = account.id
    LEFT JOIN (
        SELECT account_id, sum(points) AS points
        FROM loyalty_hold {OWN} AND status = 'open' GROUP BY account_id
    ) holds ON holds.account_id = account.id
    WHERE {HERE} AND (
        account.balance <> coalesce(lots.remaining, 0) - account.debt
        OR coalesce(lots.held, 0) <> coalesce(holds.points, 0)
    )
    """,
)
LOTS_ADD_UP = Invariant(
    "INV-3",
    "What is gone from a lot is the sum of what consumed it, and what it holds the sum of holds.",
    f"""
    SELECT program.organization_id, 'loyalty.lot', lot.id,
        format('%%s of %%s left, consumed %%s, held %%s of %%s', lot.remaining, lot.points,
            coalesce(used.points, 0), lot.held, coalesce(parts.points, 0))
    FROM loyalty_lot lot
    {of_account("lot")}
    LEFT JOIN (
        SELECT used.lot_id, sum(used.points) AS points
        FROM loyalty_consumption used JOIN loyalty_lot lot ON lot.id = used.lot_id
        {OWN} GROUP BY used.lot_id
    ) used ON used.lot_id = lot.id
    LEFT JOIN (
        SELECT part.lot_id, sum(part.points) AS points
        FROM loyalty_holdlot part JOIN loyalty_hold hold ON hold.id = part.hold_id
        {OWN} AND hold.status = 'open' GROUP BY part.lot_id
    ) parts ON parts.lot_id = lot.id
    WHERE {HERE} AND (
        lot.points - lot.remaining <> coalesce(used.points, 0)
        OR lot.held <> coalesce(parts.points, 0)
    )
    """,
)
# What an entry neither gave to a lot nor took from one, the account owes from then on.
OWED = f"""
    SELECT entry.id, entry.account_id, entry.kind, entry.sequence,
        coalesce(made.points, 0) - coalesce(used.points, 0) - entry.points AS owed
    FROM loyalty_entry entry
    LEFT JOIN (
        SELECT entry_id, sum(points) AS points FROM loyalty_lot {OWN} GROUP BY entry_id
    ) made ON made.entry_id = entry.id
    LEFT JOIN (
        SELECT used.entry_id, sum(used.points) AS points
        FROM loyalty_consumption used JOIN loyalty_entry own ON own.id = used.entry_id
        {OWN} GROUP BY used.entry_id
    ) used ON used.entry_id = entry.id
    WHERE {ACCOUNT.format("entry.account_id")}
"""
ENTRIES_MEET_LOTS = Invariant(
    "INV-4",
    "What entries gave lots, less what they consumed, less debt is the balance.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('debt %%s, by its entries %%s', account.debt, coalesce(sum(entry.owed), 0))
    FROM {ACCOUNTS}
    LEFT JOIN ({OWED}) entry ON entry.account_id = account.id
    WHERE {HERE}
    GROUP BY program.organization_id, account.id
    HAVING account.debt <> coalesce(sum(entry.owed), 0)
    """,
)
NOTHING_IS_MADE_ON_THE_WAY = Invariant(
    "INV-4b",
    "Transfers and merges sum to zero, and what undoes an entry is its mirror image.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('%%s sums to %%s', entry.request_key, entry.total)
    FROM (
        SELECT entry.id, entry.account_id, entry.request_key, sum(entry.points)
            OVER (PARTITION BY account.program_id, entry.request_key) AS total
        FROM loyalty_entry entry JOIN loyalty_account account ON account.id = entry.account_id
        WHERE entry.kind IN ('transfer', 'merge')
    ) entry
    {of_account("entry")}
    WHERE {HERE} AND entry.total <> 0
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('%%s undoes %%s', entry.points, undone.points)
    FROM loyalty_entry entry
    JOIN loyalty_entry undone ON undone.id = entry.reverses_id
    {of_account("entry")}
    WHERE {HERE} AND (
        entry.points <> -undone.points OR entry.account_id <> undone.account_id
    )
    """,
)
DEBT_IS_EXPLAINED = Invariant(
    "INV-15",
    "An account begins to owe by a return, or by a merge what another owed, never more.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('%%s owes %%s more, %%s in all', entry.kind, entry.owed, entry.total)
    FROM (
        SELECT *, sum(owed) OVER (PARTITION BY account_id ORDER BY sequence) AS total
        FROM ({OWED}) each_entry
    ) entry
    {of_account("entry")}
    WHERE {HERE} AND (
        entry.total < 0 OR (entry.owed > 0 AND entry.kind NOT IN ('return', 'merge'))
    )
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('the accounts merged by %%s owe %%s more', entry.request_key, entry.total)
    FROM (
        SELECT entry.id, entry.account_id, entry.request_key, sum(
            coalesce(made.points, 0) - coalesce(used.points, 0) - entry.points
        ) OVER (PARTITION BY account.program_id, entry.request_key) AS total
        FROM loyalty_entry entry
        JOIN loyalty_account account ON account.id = entry.account_id
        LEFT JOIN LATERAL (
            SELECT sum(points) AS points FROM loyalty_lot WHERE entry_id = entry.id
        ) made ON true
        LEFT JOIN LATERAL (
            SELECT sum(points) AS points FROM loyalty_consumption WHERE entry_id = entry.id
        ) used ON true
        WHERE entry.kind = 'merge'
    ) entry
    {of_account("entry")}
    WHERE {HERE} AND entry.total > 0
    """,
)
MERGED_ACCOUNTS_ARE_EMPTY = Invariant(
    "INV-4c",
    "A merged account has nothing left, nobody holds it, and its merge says what carries it on.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('balance %%s, debt %%s, carried on by %%s, merged into %%s', account.balance,
            account.debt, account.merged_into_id, merge.kept_id)
    FROM {ACCOUNTS}
    LEFT JOIN loyalty_accountmerge merge
        ON merge.emptied_id = account.id AND merge.undone_at IS NULL
    WHERE {HERE} AND (
        account.merged_into_id IS DISTINCT FROM merge.kept_id
        OR (account.merged_into_id IS NOT NULL AND (
            account.balance <> 0 OR account.debt <> 0
            OR EXISTS (SELECT FROM loyalty_accountholder WHERE account_id = account.id)
        ))
    )
    """,
)

INVARIANTS = [
    BALANCE_IS_THE_SUM,
    BALANCE_IS_CONTINUOUS,
    BALANCE_IS_WHAT_IS_LEFT,
    LOTS_ADD_UP,
    ENTRIES_MEET_LOTS,
    NOTHING_IS_MADE_ON_THE_WAY,
    MERGED_ACCOUNTS_ARE_EMPTY,
    DEBT_IS_EXPLAINED,
]
