"""What the office shows of corrections that a second person decides on, finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actors import Actor
from core.log_page import actor_names
from core.models import Organization
from loyalty.balances import NOTHING
from loyalty.member_page import Who, who
from loyalty.models import AdjustmentRequest
from loyalty.queries import balances_in

STATES = {"asked": "held", "approved": "active", "declined": "blocked", "withdrawn": "ended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One correction: who asked for it and why, and what it would do to the balance."""

    public_id: UUID
    who: Who
    program: str
    points: int
    before: int
    reason: str
    asked_by: str
    asked_at: datetime
    is_own: bool
    state: str
    label: str
    decided_by: str
    decided_at: datetime | None
    decided_because: str

    @property
    def after(self) -> int:
        """Return what the member could spend after it."""
        return self.before + self.points

    @property
    def is_waiting(self) -> bool:
        """Say whether nobody has decided."""
        return self.decided_at is None


def approval_rows(
    organization: Organization, asked: Sequence[AdjustmentRequest], *, actor: Actor
) -> list[ApprovalRow]:
    """Return the corrections as somebody sees them who may have asked for some."""
    pairs = [(one.program_id, one.member_id) for one in asked]
    balances = balances_in(organization, pairs)
    people = [name for one in asked for name in (one.asked_by, one.decided_by)]
    names = actor_names(organization, people)
    return [
        ApprovalRow(
            public_id=one.public_id,
            who=who(one.member, is_masked=False),
            program=one.program.name,
            points=one.points,
            before=balances.get((one.program_id, one.member_id), NOTHING).balance,
            reason=one.reason,
            asked_by=names.get(one.asked_by, ""),
            asked_at=one.created_at,
            is_own=one.asked_by == actor.name,
            state=STATES[one.status],
            label=one.get_status_display(),
            decided_by=names.get(one.decided_by, ""),
            decided_at=one.decided_at,
            decided_because=one.decided_because,
        )
        for one in asked
    ]
