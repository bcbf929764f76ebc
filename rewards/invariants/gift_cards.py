"""What always holds for gift cards and their ledger."""

from __future__ import annotations

from core.invariants import Invariant

_HERE = "(%(organization)s::bigint IS NULL OR card.organization_id = %(organization)s)"

GIFT_CARD_IS_ITS_ENTRIES = Invariant(
    "INV-9",
    "A gift card's balance is the sum of its entries, between zero and what was loaded.",
    f"""
    SELECT card.organization_id, 'rewards.giftcard', card.id,
        format('%%s left of %%s, %%s entries; entries say %%s of %%s', card.balance, card.loaded,
            card.entries_count, coalesce(sum(entry.amount), 0),
            coalesce(sum(entry.amount) FILTER (WHERE entry.amount > 0
                AND entry.kind IN ('load', 'adjust')), 0))
    FROM rewards_giftcard card
    LEFT JOIN rewards_giftcardentry entry ON entry.card_id = card.id
    WHERE {_HERE}
    GROUP BY card.id
    HAVING card.balance <> coalesce(sum(entry.amount), 0)
        OR card.loaded <> coalesce(sum(entry.amount) FILTER (WHERE entry.amount > 0
            AND entry.kind IN ('load', 'adjust')), 0)
        OR card.entries_count <> count(entry.id)
        OR card.balance NOT BETWEEN 0 AND card.loaded
        OR (card.status IN ('blank', 'expired') AND card.balance <> 0)
    """,
)
GIFT_CARD_ENTRIES_FOLLOW_EACH_OTHER = Invariant(
    "INV-9b",
    "The entries of a gift card are numbered without gaps, and each goes on from the one before.",
    f"""
    SELECT organization_id, 'rewards.giftcardentry', id,
        format('number %%s of card %%s: %%s and %%s are not %%s', sequence, card_id, before, amount,
            balance_after)
    FROM (
        SELECT card.organization_id, entry.*,
            coalesce(lag(entry.balance_after) OVER each_card, 0) AS before,
            row_number() OVER each_card AS place
        FROM rewards_giftcardentry entry
        JOIN rewards_giftcard card ON card.id = entry.card_id
        WHERE {_HERE}
        WINDOW each_card AS (PARTITION BY entry.card_id ORDER BY entry.sequence)
    ) numbered
    WHERE before + amount <> balance_after OR sequence <> place OR balance_after < 0
    """,
)
NO_MORE_COMES_BACK_THAN_WAS_CHARGED = Invariant(
    "INV-9c",
    "No more goes back to a gift card for a purchase than it had paid of it.",
    f"""
    SELECT card.organization_id, 'rewards.giftcard', card.id,
        format('%%s charged, %%s put back for %%s',
            -coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'charge'), 0),
            sum(entry.amount) FILTER (WHERE entry.kind = 'refund'), entry.reference)
    FROM rewards_giftcardentry entry
    JOIN rewards_giftcard card ON card.id = entry.card_id
    WHERE entry.kind IN ('charge', 'refund') AND {_HERE}
    GROUP BY card.id, entry.reference
    HAVING sum(entry.amount) > 0
    """,
)
GIFT_CARD_KEEPS_ITS_CURRENCY = Invariant(
    "INV-9d",
    "A gift card that is in use has the currency of its organization and of what it replaces.",
    f"""
    SELECT card.organization_id, 'rewards.giftcard', card.id,
        format('%%s in an organization of %%s', card.currency, organization.currency)
    FROM rewards_giftcard card
    JOIN core_organization organization ON organization.id = card.organization_id
    LEFT JOIN rewards_giftcard replaced ON replaced.id = card.replaces_id
    WHERE {_HERE} AND (card.currency <> organization.currency
        OR card.currency <> replaced.currency)
    """,
)
NOTHING_CROSSES = Invariant(
    "INV-11",
    "No gift card joins rows of two organizations.",
    f"""
    SELECT card.organization_id, 'rewards.giftcard', card.id,
        'card, member, batch, store, replaced card and purchases are not of one organization'
    FROM rewards_giftcard card
    LEFT JOIN members_member member ON member.id = card.member_id
    LEFT JOIN rewards_giftcardbatch batch ON batch.id = card.batch_id
    LEFT JOIN core_store store ON store.id = card.sold_in_id
    LEFT JOIN rewards_giftcard replaced ON replaced.id = card.replaces_id
    LEFT JOIN core_outgoingmessage message ON message.id = card.message_id
    WHERE {_HERE} AND (
        card.organization_id <> ANY(ARRAY[member.organization_id, batch.organization_id,
            store.organization_id, replaced.organization_id, message.organization_id])
        OR EXISTS (
            SELECT FROM rewards_giftcardentry entry
            LEFT JOIN loyalty_purchase purchase ON purchase.id = entry.purchase_id
            LEFT JOIN loyalty_return came_back ON came_back.id = entry.came_back_id
            WHERE entry.card_id = card.id AND card.organization_id
                <> ANY(ARRAY[purchase.organization_id, came_back.organization_id])
        )
    )
    """,
)

INVARIANTS = [
    GIFT_CARD_IS_ITS_ENTRIES,
    GIFT_CARD_ENTRIES_FOLLOW_EACH_OTHER,
    NO_MORE_COMES_BACK_THAN_WAS_CHARGED,
    GIFT_CARD_KEEPS_ITS_CURRENCY,
    NOTHING_CROSSES,
]
