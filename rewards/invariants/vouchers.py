"""What always holds for vouchers and their uses."""

from __future__ import annotations

from core.invariants import Invariant

USES_ARE_COUNTED = Invariant(
    "INV-5d",
    "A voucher was used as often as it says, no more than it may be, and it is used up then.",
    """
    SELECT voucher.organization_id, 'rewards.voucher', voucher.id,
        format('%%s, used %%s of %%s, %%s uses count', voucher.status, voucher.uses,
            coalesce(voucher.uses_max::text, 'any'), count(live.id))
    FROM rewards_voucher voucher
    LEFT JOIN rewards_voucheruse live ON live.voucher_id = voucher.id AND live.released_at IS NULL
    WHERE (%(organization)s::bigint IS NULL OR voucher.organization_id = %(organization)s)
    GROUP BY voucher.id
    HAVING voucher.uses <> count(live.id)
        OR voucher.uses > voucher.uses_max
        OR voucher.status = 'used' AND voucher.uses IS DISTINCT FROM voucher.uses_max
        OR voucher.status IN ('issued', 'expired') AND voucher.uses = voucher.uses_max
        OR voucher.status = 'canceled' AND voucher.kind = 'unique' AND count(live.id) > 0
    """,
)
MEMBERS_KEEP_TO_THEIR_LIMIT = Invariant(
    "INV-5e",
    "No member used a shared code more often than one member may.",
    """
    SELECT voucher.organization_id, 'rewards.voucher', voucher.id,
        format('member %%s: %%s uses of %%s', coalesce(member.merged_into_id, member.id),
            count(*), voucher.per_member_max)
    FROM rewards_voucher voucher
    JOIN rewards_voucheruse live ON live.voucher_id = voucher.id AND live.released_at IS NULL
    JOIN members_member member ON member.id = live.member_id
    WHERE voucher.per_member_max IS NOT NULL
        AND (%(organization)s::bigint IS NULL OR voucher.organization_id = %(organization)s)
    GROUP BY voucher.id, coalesce(member.merged_into_id, member.id)
    HAVING count(*) > voucher.per_member_max
        -- Two members may have used it before they were merged.
        AND count(DISTINCT live.member_id) = 1
    """,
)
NO_VOUCHER_CROSSES = Invariant(
    "INV-11",
    "No voucher is for, or used by, what belongs to another organization.",
    """
    SELECT voucher.organization_id, 'rewards.voucher', voucher.id,
        'voucher, reward, redemption, member, store and purchase are not of one organization'
    FROM rewards_voucher voucher
    JOIN rewards_reward reward ON reward.id = voucher.reward_id
    JOIN loyalty_program program ON program.id = reward.program_id
    LEFT JOIN rewards_redemption redemption ON redemption.id = voucher.redemption_id
    LEFT JOIN rewards_voucheruse used ON used.voucher_id = voucher.id
    LEFT JOIN members_member member ON member.id = used.member_id
    LEFT JOIN core_store store ON store.id = used.store_id
    LEFT JOIN loyalty_purchase purchase ON purchase.id = used.purchase_id
    WHERE (%(organization)s::bigint IS NULL OR voucher.organization_id = %(organization)s)
        AND voucher.organization_id <> ANY(ARRAY[program.organization_id,
            redemption.organization_id, member.organization_id, store.organization_id,
            purchase.organization_id])
    """,
)

BATCHES_ARE_COUNTED = Invariant(
    "INV-5f",
    "A batch has as many codes as it says it made, and all that were wanted when it is ready.",
    """
    SELECT batch.organization_id, 'rewards.voucherbatch', batch.id,
        format('%%s, %%s of %%s made, %%s there', batch.status, batch.made, batch.wanted,
            coalesce(there.codes, 0))
    FROM rewards_voucherbatch batch
    LEFT JOIN (
        SELECT batch_id, count(*) AS codes FROM rewards_voucher
        WHERE batch_id IS NOT NULL
            AND (%(organization)s::bigint IS NULL OR organization_id = %(organization)s)
        GROUP BY batch_id
    ) there ON there.batch_id = batch.id
    WHERE (%(organization)s::bigint IS NULL OR batch.organization_id = %(organization)s)
        AND (batch.made <> coalesce(there.codes, 0)
            OR batch.status = 'ready' AND batch.made <> batch.wanted)
    """,
)
BATCHES_KEEP_TO_THEIR_REWARD = Invariant(
    "INV-5g",
    "Every code of a batch is its reward's and its organization's, and begins as it says.",
    """
    SELECT batch.organization_id, 'rewards.voucher', voucher.id,
        format('%%s in batch %%s', voucher.kind, batch.id)
    FROM rewards_voucher voucher
    JOIN rewards_voucherbatch batch ON batch.id = voucher.batch_id
    JOIN rewards_reward reward ON reward.id = batch.reward_id
    JOIN loyalty_program program ON program.id = reward.program_id
    WHERE (%(organization)s::bigint IS NULL OR batch.organization_id = %(organization)s)
        AND (voucher.reward_id <> batch.reward_id
            OR batch.organization_id <> ANY(ARRAY[voucher.organization_id,
                program.organization_id])
            OR left(voucher.code, length(batch.prefix)) <> batch.prefix
            OR length(voucher.code) <> length(batch.prefix) + batch.random_chars + 1
            OR voucher.status = 'issued' AND batch.is_swept)
    """,
)

INVARIANTS = [
    USES_ARE_COUNTED,
    MEMBERS_KEEP_TO_THEIR_LIMIT,
    BATCHES_ARE_COUNTED,
    BATCHES_KEEP_TO_THEIR_REWARD,
    NO_VOUCHER_CROSSES,
]
