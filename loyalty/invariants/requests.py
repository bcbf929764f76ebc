"""What a second person agreed to is what was asked for."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, ORGANIZATION, of_account

AGREED_IS_WHAT_WAS_ASKED = Invariant(
    "INV-18",
    "What a second person approved is what somebody else asked for: as many points, once.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('%%s points, asked for %%s by %%s, decided by %%s', entry.points,
            asked.points, asked.asked_by, asked.decided_by)
    FROM loyalty_entry entry
    {of_account("entry")}
    LEFT JOIN loyalty_adjustmentrequest asked ON asked.entry_id = entry.id
    WHERE {HERE} AND entry.cause = 'adjustment_request' AND (
        (asked.id, asked.points, asked.program_id, asked.decided_by, asked.organization_id)
            IS DISTINCT FROM
            (entry.cause_id, entry.points, program.id, entry.actor, program.organization_id)
        OR asked.decided_by = asked.asked_by
    )
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('entry of %%s stands for a request', entry.cause)
    FROM loyalty_adjustmentrequest asked
    JOIN loyalty_entry entry ON entry.id = asked.entry_id
    {of_account("entry")}
    WHERE {HERE} AND entry.cause <> 'adjustment_request'
    UNION ALL
    SELECT asked.organization_id, 'loyalty.adjustmentrequest', asked.id,
        'request, program and member are not of one organization'
    FROM loyalty_adjustmentrequest asked
    JOIN loyalty_program program ON program.id = asked.program_id
    JOIN members_member member ON member.id = asked.member_id
    WHERE {ORGANIZATION.format("asked")}
        AND asked.organization_id <> ANY(ARRAY[program.organization_id, member.organization_id])
    """,
)

INVARIANTS = [AGREED_IS_WHAT_WAS_ASKED]
