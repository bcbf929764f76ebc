"""What always holds for redemptions."""

from __future__ import annotations

from core.invariants import Invariant

STOCK_IS_ACCOUNTED_FOR = Invariant(
    "INV-5",
    "What is gone from a reward's stock is what live redemptions took.",
    """
    SELECT program.organization_id, 'rewards.reward', reward.id,
        format('%%s of %%s left, %%s taken', reward.stock, reward.stock_initial, count(taken.id))
    FROM rewards_reward reward
    JOIN loyalty_program program ON program.id = reward.program_id
    LEFT JOIN rewards_redemption taken
        ON (taken.reward_id = reward.id OR taken.chosen_from_id = reward.id)
            AND taken.status IN ('held', 'issued')
            AND taken.grant_id IS NULL
    WHERE reward.stock IS NOT NULL
        AND (%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s)
    GROUP BY program.organization_id, reward.id
    HAVING reward.stock_initial - reward.stock <> count(taken.id)
    """,
)
REDEMPTION_IS_PAID_AT_ITS_PRICE = Invariant(
    "INV-6",
    "A redemption's hold and entry are of its price, and only an issued or undone one was paid.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s for %%s, hold %%s %%s, entry %%s', redemption.status, redemption.points,
            hold.points, hold.status, entry.points)
    FROM rewards_redemption redemption
    JOIN loyalty_hold hold ON hold.id = redemption.hold_id
    LEFT JOIN loyalty_entry entry ON entry.id = redemption.entry_id
    LEFT JOIN loyalty_entry undone ON undone.reverses_id = entry.id
    WHERE (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (
            hold.points <> redemption.points
            OR entry.points <> -redemption.points
            OR undone.points <> redemption.points
            OR (redemption.status, hold.status, undone.id IS NULL) NOT IN (
                ('held', 'open', true), ('issued', 'captured', true),
                ('canceled', 'canceled', true), ('canceled', 'captured', false),
                ('expired', 'expired', true)
            )
        )
    """,
)
VOUCHER_SAYS_WHAT_ITS_REDEMPTION_SAYS = Invariant(
    "INV-5b",
    "Who paid for a reward or was granted it holds one voucher, and who gave it back holds none.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s, voucher %%s', redemption.status, coalesce(voucher.status, 'missing'))
    FROM rewards_redemption redemption
    LEFT JOIN rewards_voucher voucher ON voucher.redemption_id = redemption.id
    WHERE (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (redemption.status, coalesce(voucher.status, 'none'),
            redemption.entry_id IS NULL AND redemption.grant_id IS NULL) NOT IN (
                ('held', 'none', true), ('expired', 'none', true), ('canceled', 'none', true),
                ('issued', 'issued', false), ('issued', 'used', false),
                ('issued', 'expired', false), ('canceled', 'canceled', false)
            )
    """,
)

GRANTED_ONCE = Invariant(
    "INV-5c",
    "Each granted voucher was issued once, for the reward that was promised, and ends with it.",
    """
    SELECT program.organization_id, 'loyalty.grant', given.id,
        format('%%s, redemption %%s of %%s', given.status, coalesce(issued.status, 'missing'),
            reward.code)
    FROM loyalty_grant given
    JOIN loyalty_account account ON account.id = given.account_id
    JOIN loyalty_program program ON program.id = account.program_id
    LEFT JOIN rewards_redemption issued ON issued.grant_id = given.id
    LEFT JOIN rewards_reward reward ON reward.id = issued.reward_id
    WHERE given.kind = 'voucher'
        AND (%(organization)s::bigint IS NULL OR program.organization_id = %(organization)s)
        AND (given.status, issued.status, issued.account_id, issued.member_id, reward.code)
            IS DISTINCT FROM (given.status,
                CASE given.status WHEN 'given' THEN 'issued' ELSE 'canceled' END,
                given.account_id, given.member_id, given.target)
    """,
)
NOTHING_CROSSES = Invariant(
    "INV-11",
    "No redemption or voucher joins rows of two organizations.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        'redemption, reward, account, stores, member and voucher are not of one organization'
    FROM rewards_redemption redemption
    JOIN rewards_reward reward ON reward.id = redemption.reward_id
    JOIN loyalty_account account ON account.id = redemption.account_id
    JOIN loyalty_program program ON program.id = reward.program_id
    JOIN members_member member ON member.id = redemption.member_id
    LEFT JOIN core_store store ON store.id = redemption.store_id
    LEFT JOIN rewards_voucher voucher ON voucher.redemption_id = redemption.id
    LEFT JOIN core_store used_in ON used_in.id = voucher.used_in_id
    LEFT JOIN loyalty_hold hold ON hold.id = redemption.hold_id
    LEFT JOIN loyalty_entry entry ON entry.id = redemption.entry_id
    WHERE (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (
            reward.program_id <> account.program_id
            OR redemption.account_id <> ANY(ARRAY[hold.account_id, entry.account_id])
            OR redemption.organization_id <> ANY(ARRAY[program.organization_id,
                store.organization_id, member.organization_id, voucher.organization_id,
                used_in.organization_id])
        )
    """,
)

INVARIANTS = [
    STOCK_IS_ACCOUNTED_FOR,
    REDEMPTION_IS_PAID_AT_ITS_PRICE,
    VOUCHER_SAYS_WHAT_ITS_REDEMPTION_SAYS,
    GRANTED_ONCE,
    NOTHING_CROSSES,
]
