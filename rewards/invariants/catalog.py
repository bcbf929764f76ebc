"""What always holds for limits, choices and limited editions."""

from __future__ import annotations

from core.invariants import Invariant

NOBODY_TOOK_MORE_THAN_ONE_MAY = Invariant(
    "INV-5l",
    "Since a reward has its limit, no member took more of it in one period than they may.",
    """
    SELECT organization_id, 'rewards.redemption', max(redemption_id),
        format('%%s of at most %%s %%s', count(*), limit_count, limit_period)
    FROM (
        SELECT organization.id AS organization_id, taken.id AS redemption_id, taken.member_id,
            reward.id AS reward_id, reward.limit_count, reward.limit_period,
            CASE WHEN reward.limit_period = 'ever' THEN NULL ELSE date_trunc(
                reward.limit_period, taken.created_at AT TIME ZONE organization.time_zone
            ) END AS period
        FROM rewards_reward reward
        JOIN loyalty_program program ON program.id = reward.program_id
        JOIN core_organization organization ON organization.id = program.organization_id
        JOIN rewards_redemption taken
            ON (taken.reward_id = reward.id OR taken.chosen_from_id = reward.id)
                AND taken.status IN ('held', 'issued') AND taken.grant_id IS NULL
                AND taken.created_at >= reward.limited_since
        WHERE reward.limit_count IS NOT NULL
            AND (%(organization)s::bigint IS NULL OR organization.id = %(organization)s)
    ) taken
    GROUP BY organization_id, reward_id, member_id, limit_count, limit_period, period
    HAVING count(*) > limit_count
    """,
)
CHOICE_IS_OF_ITS_PROGRAM = Invariant(
    "INV-5o",
    "What was chosen is another reward of the program that offered the choice, and no choice.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s out of %%s', chosen.code, offered.code)
    FROM rewards_redemption redemption
    JOIN rewards_reward chosen ON chosen.id = redemption.reward_id
    JOIN rewards_reward offered ON offered.id = redemption.chosen_from_id
    WHERE (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (
            chosen.program_id <> offered.program_id OR chosen.id = offered.id
            OR redemption.promised ->> 'type' = 'choose_one'
        )
    """,
)
NUMBER_IS_OF_ITS_EDITION = Invariant(
    "INV-5n",
    "A number of a limited edition is held by one who took it, and is one of as many as there are.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('No. %%s of %%s, held by %%s', redemption.serial, reward.stock_initial, count(*))
    FROM rewards_redemption redemption
    JOIN rewards_reward reward ON reward.id = redemption.reward_id
    JOIN rewards_redemption holder
        ON holder.reward_id = redemption.reward_id AND holder.serial = redemption.serial
            AND holder.status IN ('held', 'issued')
    WHERE redemption.serial IS NOT NULL AND redemption.status IN ('held', 'issued')
        AND (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
    GROUP BY redemption.id, reward.id
    HAVING count(*) > 1 OR redemption.serial > reward.stock_initial
        OR redemption.grant_id IS NOT NULL
    """,
)

INVARIANTS = [
    NOBODY_TOOK_MORE_THAN_ONE_MAY,
    CHOICE_IS_OF_ITS_PROGRAM,
    NUMBER_IS_OF_ITS_EDITION,
]
