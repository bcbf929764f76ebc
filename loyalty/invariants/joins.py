"""Nothing joins what does not belong together."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, ORGANIZATION, of_account

# Every way from a row of one account to another row that has an account.
WITHIN_AN_ACCOUNT = (
    ("loyalty.award", "loyalty_award one JOIN loyalty_entry other ON other.id = one.entry_id"),
    ("loyalty.award", "loyalty_award one JOIN loyalty_lot other ON other.id = one.lot_id"),
    (
        "loyalty.carriedpart",
        "loyalty_carriedpart one JOIN loyalty_award other ON other.id = one.award_id",
    ),
    ("loyalty.entry", "loyalty_entry one JOIN loyalty_entry other ON other.id = one.reverses_id"),
    ("loyalty.hold", "loyalty_hold one JOIN loyalty_entry other ON other.id = one.entry_id"),
    ("loyalty.lot", "loyalty_lot one JOIN loyalty_entry other ON other.id = one.entry_id"),
    (
        "loyalty.entry",
        "loyalty_consumption part JOIN loyalty_entry one ON one.id = part.entry_id"
        " JOIN loyalty_lot other ON other.id = part.lot_id",
    ),
    (
        "loyalty.hold",
        "loyalty_holdlot part JOIN loyalty_hold one ON one.id = part.hold_id"
        " JOIN loyalty_lot other ON other.id = part.lot_id",
    ),
)

NOTHING_CROSSES = Invariant(
    "INV-11",
    "Nothing joins rows of two organizations.",
    f"""
    SELECT program.organization_id, 'loyalty.accountholder', holder.id,
        'account, member and program are not of one organization'
    FROM loyalty_accountholder holder
    JOIN loyalty_program program ON program.id = holder.program_id
    JOIN loyalty_account account ON account.id = holder.account_id
    JOIN members_member member ON member.id = holder.member_id
    WHERE {ORGANIZATION.format("program")}
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
    WHERE {ORGANIZATION.format("purchase")}
        AND purchase.organization_id <> ANY(ARRAY[store.organization_id,
            register.organization_id, staff.organization_id, member.organization_id])
    UNION ALL
    SELECT returned.organization_id, 'loyalty.return', returned.id,
        'return, sale, store and member are not of one organization'
    FROM loyalty_return returned
    LEFT JOIN loyalty_purchase purchase ON purchase.id = returned.purchase_id
    LEFT JOIN core_store store ON store.id = returned.store_id
    LEFT JOIN members_member member ON member.id = returned.member_id
    WHERE {ORGANIZATION.format("returned")}
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
    WHERE {ORGANIZATION.format("purchase")}
        AND (rule.program_id <> program.id OR program.organization_id <> purchase.organization_id)
    UNION ALL
    SELECT activity.organization_id, 'loyalty.award', award.id,
        'award, activity, rule and account are not of one organization'
    FROM loyalty_award award
    JOIN loyalty_activity activity ON activity.id = award.activity_id
    JOIN loyalty_account account ON account.id = award.account_id
    JOIN loyalty_ruleversion version ON version.id = award.rule_version_id
    JOIN loyalty_rule rule ON rule.id = version.rule_id
    JOIN loyalty_program program ON program.id = account.program_id
    WHERE {ORGANIZATION.format("activity")}
        AND (rule.program_id <> program.id OR program.organization_id <> activity.organization_id)
    UNION ALL
    SELECT activity.organization_id, 'loyalty.activity', activity.id,
        'activity and member are not of one organization'
    FROM loyalty_activity activity
    JOIN members_member member ON member.id = activity.member_id
    WHERE {ORGANIZATION.format("activity")} AND member.organization_id <> activity.organization_id
    UNION ALL
    SELECT program.organization_id, 'loyalty.grant', given.id,
        'grant, account and member are not of one organization'
    FROM loyalty_grant given
    {of_account("given")}
    JOIN members_member member ON member.id = given.member_id
    WHERE {HERE} AND member.organization_id <> program.organization_id
    UNION ALL
    SELECT program.organization_id, 'loyalty.lot', lot.id,
        'a lot carries on one of another program'
    FROM loyalty_lot lot
    {of_account("lot")}
    JOIN loyalty_lot origin ON origin.id = lot.origin_id
    JOIN loyalty_account other ON other.id = origin.account_id
    WHERE {HERE} AND other.program_id <> program.id
    UNION ALL
    SELECT program.organization_id, 'loyalty.account', account.id,
        'merged accounts and their member are not of one organization'
    FROM loyalty_accountmerge merge
    JOIN loyalty_account account ON account.id = merge.emptied_id
    JOIN loyalty_program program ON program.id = account.program_id
    JOIN loyalty_account kept ON kept.id = merge.kept_id
    JOIN members_member member ON member.id = merge.member_id
    WHERE {HERE} AND (
        kept.program_id <> program.id OR member.organization_id <> program.organization_id
    )
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        'entry and batch are not of one organization'
    FROM loyalty_entry entry
    {of_account("entry")}
    JOIN loyalty_batch batch ON batch.id = entry.batch_id
    WHERE {HERE} AND batch.organization_id <> program.organization_id
    """,
)
ACCOUNTS_STAY_APART = Invariant(
    "INV-11b",
    "What belongs to one account names nothing of another.",
    " UNION ALL ".join(
        f"""
        SELECT program.organization_id, '{subject}', one.id,
            format('of account %%s, joined with account %%s', one.account_id, other.account_id)
        FROM {joined}
        {of_account("one")}
        WHERE {HERE} AND one.account_id <> other.account_id
        """
        for subject, joined in WITHIN_AN_ACCOUNT
    ),
)

INVARIANTS = [NOTHING_CROSSES, ACCOUNTS_STAY_APART]
