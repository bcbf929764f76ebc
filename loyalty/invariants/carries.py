"""What is carried over, and what was granted, agree with the awards they came of."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, OWN, of_account

CARRIES_ADD_UP = Invariant(
    "INV-7c",
    "What an account has left over of a rule is what counted, less what was given for it.",
    f"""
    WITH RECURSIVE tree AS (
        SELECT account.id AS root, account.id
        FROM loyalty_account account
        JOIN loyalty_program program ON program.id = account.program_id
        WHERE {HERE} AND account.merged_into_id IS NULL
        UNION ALL
        SELECT tree.root, account.id
        FROM tree JOIN loyalty_account account ON account.merged_into_id = tree.id
    ), counted AS (
        SELECT tree.root AS account_id, version.rule_id, part.per, sum(part.counted - part.returned
            - part.per * (part.given - part.taken + part.forgone)) AS carried
        FROM tree
        JOIN loyalty_carriedpart part ON part.account_id = tree.id
        JOIN loyalty_ruleversion version ON version.id = part.rule_version_id
        GROUP BY tree.root, version.rule_id, part.per
    )
    SELECT program.organization_id, 'loyalty.account', account.id,
        format('rule %%s: %%s of %%s, counted %%s', coalesce(carry.rule_id, counted.rule_id),
            carry.carried, coalesce(carry.per, counted.per), counted.carried)
    FROM counted
    FULL JOIN (SELECT * FROM loyalty_rulecarry {OWN}) carry USING (account_id, rule_id, per)
    JOIN loyalty_account account ON account.id = account_id
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE {HERE} AND coalesce(carry.carried, 0) <> coalesce(counted.carried, 0)
    """,
)
CARRIED_AWARDS_FOLLOW = Invariant(
    "INV-7d",
    "What a rule that carries over gave is awarded, and goes back as far as it was taken.",
    f"""
    SELECT program.organization_id, 'loyalty.award', award.id,
        format('%%s of %%s left, awarded %%s, reversed %%s', part.given - part.taken, part.given,
            award.awarded, award.reversed)
    FROM loyalty_carriedpart part
    {of_account("part")}
    JOIN loyalty_award award ON award.id = part.award_id
    WHERE {HERE} AND award.awarded > 0
        AND award.awarded - award.reversed
            <> div(award.awarded * (part.given - part.taken), nullif(part.given, 0))
    """,
)
GRANTED_AS_AWARDED = Invariant(
    "INV-7e",
    "What rules awarded in kind was granted once, and is taken back at most as far as returns did.",
    f"""
    SELECT program.organization_id, 'loyalty.award', award.id,
        format('%%s awarded, %%s reversed, %%s granted, %%s withdrawn', award.awarded,
            award.reversed, coalesce(sum(given.count), 0),
            coalesce(sum(given.count) FILTER (WHERE given.status = 'withdrawn'), 0))
    FROM loyalty_award award
    {of_account("award")}
    LEFT JOIN loyalty_grant given ON given.cause = 'award' AND given.cause_id = award.id
    WHERE {HERE} AND award.unit IN ('vouchers', 'tickets')
    GROUP BY program.organization_id, award.id
    HAVING coalesce(sum(given.count), 0) <> award.awarded
    """,
)

INVARIANTS = [CARRIES_ADD_UP, CARRIED_AWARDS_FOLLOW, GRANTED_AS_AWARDED]
