"""What always holds in the ledger; docs/ledger.md tells who enforces each."""

from __future__ import annotations

from core.invariants import Invariant

HERE = "(%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s)"
ACCOUNTS = "loyalty_account account JOIN loyalty_program program ON program.id = account.program_id"

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
        FROM loyalty_entry GROUP BY account_id
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
        FROM loyalty_entry
    ) entry
    JOIN loyalty_account account ON account.id = entry.account_id
    JOIN loyalty_program program ON program.id = account.program_id
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
        FROM loyalty_lot GROUP BY account_id
    ) lots ON lots.account_id = account.id
    LEFT JOIN (
        SELECT account_id, sum(points) AS points
        FROM loyalty_hold WHERE status = 'open' GROUP BY account_id
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
    JOIN loyalty_account account ON account.id = lot.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN (
        SELECT lot_id, sum(points) AS points FROM loyalty_consumption GROUP BY lot_id
    ) used ON used.lot_id = lot.id
    LEFT JOIN (
        SELECT part.lot_id, sum(part.points) AS points
        FROM loyalty_holdlot part JOIN loyalty_hold hold ON hold.id = part.hold_id
        WHERE hold.status = 'open' GROUP BY part.lot_id
    ) parts ON parts.lot_id = lot.id
    WHERE {HERE} AND (
        lot.points - lot.remaining <> coalesce(used.points, 0)
        OR lot.held <> coalesce(parts.points, 0)
    )
    """,
)
ENTRIES_MEET_LOTS = Invariant(
    "INV-4",
    "What an entry moves is what its lots received less what it consumed and left as debt.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('lots %%s, consumed %%s, debt %%s, balance %%s', coalesce(made.points, 0),
            coalesce(used.points, 0), account.debt, account.balance)
    FROM {ACCOUNTS}
    LEFT JOIN (
        SELECT account_id, sum(points) AS points FROM loyalty_lot GROUP BY account_id
    ) made ON made.account_id = account.id
    LEFT JOIN (
        SELECT entry.account_id, sum(consumption.points) AS points
        FROM loyalty_consumption consumption
        JOIN loyalty_entry entry ON entry.id = consumption.entry_id GROUP BY entry.account_id
    ) used ON used.account_id = account.id
    WHERE {HERE} AND account.balance
        <> coalesce(made.points, 0) - coalesce(used.points, 0) - account.debt
    """,
)
REDEMPTION_IS_PAID_ONCE = Invariant(
    "INV-10",
    "A captured hold was paid by an entry of its points; an ended hold holds nothing.",
    f"""
    SELECT program.organization_id, 'loyalty.hold', hold.id,
        format('hold %%s is %%s, entry %%s', hold.points, hold.status, entry.points)
    FROM loyalty_hold hold
    JOIN loyalty_account account ON account.id = hold.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN loyalty_entry entry ON entry.id = hold.entry_id
    WHERE {HERE} AND (
        (hold.status = 'captured' AND entry.points IS DISTINCT FROM -hold.points)
        OR hold.points <> (
            SELECT coalesce(sum(part.points), 0) FROM loyalty_holdlot part
            WHERE part.hold_id = hold.id
        )
    )
    """,
)
AWARDS_MAKE_THE_ENTRY = Invariant(
    "INV-7",
    "What the rules awarded for a purchase is what its entry gave.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('entry %%s, awards %%s', entry.points, coalesce(sum(award.awarded), 0))
    FROM loyalty_entry entry
    JOIN loyalty_account account ON account.id = entry.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN loyalty_award award ON award.entry_id = entry.id
    WHERE {HERE} AND entry.kind = 'earn' AND entry.cause = 'purchase'
    GROUP BY program.organization_id, entry.id
    HAVING entry.points <> coalesce(sum(award.awarded), 0)
    """,
)
REVERSED_NO_MORE_THAN_GIVEN = Invariant(
    "INV-8",
    "What returns took of an award is what their reversals say, line by line never beyond it.",
    f"""
    SELECT program.organization_id, 'loyalty.award', award.id,
        format('reversed %%s of %%s, reversals %%s', award.reversed, award.awarded,
            coalesce(sum(reversal.points), 0))
    FROM loyalty_award award
    JOIN loyalty_account account ON account.id = award.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN loyalty_awardreversal reversal ON reversal.award_id = award.id
    WHERE {HERE}
    GROUP BY program.organization_id, award.id
    HAVING award.reversed <> coalesce(sum(reversal.points), 0)
    """,
)
GOODS_ADD_UP = Invariant(
    "INV-8b",
    "What came back of a line and of a purchase is the sum of what its returns say.",
    """
    SELECT purchase.organization_id, 'loyalty.purchaseline', line.id,
        format('returned %%s for %%s, returns %%s for %%s', line.returned_quantity,
            line.returned_amount, coalesce(back.quantity, 0), coalesce(back.amount, 0))
    FROM loyalty_purchaseline line
    JOIN loyalty_purchase purchase ON purchase.id = line.purchase_id
    LEFT JOIN (
        SELECT purchase_line_id, sum(quantity) AS quantity, sum(amount) AS amount
        FROM loyalty_returnline GROUP BY purchase_line_id
    ) back ON back.purchase_line_id = line.id
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
        AND (line.returned_quantity, line.returned_amount)
            IS DISTINCT FROM (coalesce(back.quantity, 0), coalesce(back.amount, 0))
    """,
)
NOTHING_CROSSES = Invariant(
    "INV-11",
    "Nothing joins rows of two organizations.",
    """
    SELECT program.organization_id, 'loyalty.accountholder', holder.id,
        'account, member and program are not of one organization'
    FROM loyalty_accountholder holder
    JOIN loyalty_program program ON program.id = holder.program_id
    JOIN loyalty_account account ON account.id = holder.account_id
    JOIN members_member member ON member.id = holder.member_id
    WHERE (%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s)
        AND (member.organization_id, account.program_id)
            IS DISTINCT FROM (program.organization_id, holder.program_id)
    UNION ALL
    SELECT purchase.organization_id, 'loyalty.purchase', purchase.id,
        'purchase, store, register, staff and member are not of one organization'
    FROM loyalty_purchase purchase
    JOIN core_store store ON store.id = purchase.store_id
    LEFT JOIN core_register register ON register.id = purchase.register_id
    LEFT JOIN core_staff staff ON staff.id = purchase.staff_id
    LEFT JOIN members_member member ON member.id = purchase.member_id
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
        AND purchase.organization_id <> ANY(ARRAY[store.organization_id,
            register.organization_id, staff.organization_id, member.organization_id])
    UNION ALL
    SELECT returned.organization_id, 'loyalty.return', returned.id,
        'return, sale, store and member are not of one organization'
    FROM loyalty_return returned
    LEFT JOIN loyalty_purchase purchase ON purchase.id = returned.purchase_id
    LEFT JOIN core_store store ON store.id = returned.store_id
    LEFT JOIN members_member member ON member.id = returned.member_id
    WHERE (%(organization)s::bigint IS NULL OR returned.organization_id = %(organization)s)
        AND returned.organization_id <> ANY(ARRAY[purchase.organization_id,
            store.organization_id, member.organization_id])
    UNION ALL
    SELECT purchase.organization_id, 'loyalty.award', award.id,
        'award, purchase, rule and account are not of one organization'
    FROM loyalty_award award
    JOIN loyalty_purchase purchase ON purchase.id = award.purchase_id
    JOIN loyalty_account account ON account.id = award.account_id
    JOIN loyalty_ruleversion version ON version.id = award.rule_version_id
    JOIN loyalty_rule rule ON rule.id = version.rule_id
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
        AND (rule.program_id <> program.id OR program.organization_id <> purchase.organization_id)
    """,
)
ENTRIES_ARE_TOLD = Invariant(
    "INV-12",
    "Every entry has its event, one of its own or its batch's, and no event is without its entry.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id, 'no event tells of it'
    FROM loyalty_entry entry
    JOIN loyalty_account account ON account.id = entry.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE {HERE} AND NOT EXISTS (
        SELECT FROM core_outboxevent event
        WHERE (event.subject, event.subject_id) IN (
            ('loyalty.entry', entry.id), ('loyalty.batch', entry.batch_id)
        )
    ) AND NOT EXISTS (
        SELECT FROM loyalty_receiptimport reading
        WHERE reading.batch_id = entry.batch_id AND reading.status = 'running'
    )
    UNION ALL
    SELECT event.organization_id, 'core.outboxevent', event.id, 'it tells of no entry'
    FROM core_outboxevent event
    LEFT JOIN loyalty_entry entry ON entry.id = event.subject_id
    WHERE event.subject = 'loyalty.entry' AND entry.id IS NULL
        AND (%(organization)s::bigint IS NULL OR event.organization_id = %(organization)s)
    """,
)
DEBT_IS_EXPLAINED = Invariant(
    "INV-15",
    "An account owes points only where a return explains it.",
    f"""
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('debt %%s and no return', account.debt)
    FROM {ACCOUNTS}
    WHERE {HERE} AND account.debt > 0 AND NOT EXISTS (
        SELECT FROM loyalty_entry entry
        WHERE entry.account_id = account.id AND entry.kind = 'return'
    )
    """,
)

INVARIANTS = [
    BALANCE_IS_THE_SUM,
    BALANCE_IS_CONTINUOUS,
    BALANCE_IS_WHAT_IS_LEFT,
    LOTS_ADD_UP,
    ENTRIES_MEET_LOTS,
    AWARDS_MAKE_THE_ENTRY,
    REVERSED_NO_MORE_THAN_GIVEN,
    GOODS_ADD_UP,
    REDEMPTION_IS_PAID_ONCE,
    NOTHING_CROSSES,
    ENTRIES_ARE_TOLD,
    DEBT_IS_EXPLAINED,
]
