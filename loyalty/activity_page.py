"""What the office shows of what a member did besides buying, finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.log_page import actor_names
from core.models import Organization
from loyalty.activity import what_was_done
from loyalty.member_page import ReasonRow, reasons
from loyalty.models import Activity, Award
from loyalty.services.activities import awards_for


@dataclass(frozen=True, slots=True)
class DeedRow:
    """One thing a member did, and what it gave."""

    at: datetime
    title: str
    actor: str
    note: str
    why: Sequence[ReasonRow]


def deed_rows(organization: Organization, activities: Sequence[Activity]) -> list[DeedRow]:
    """Return activities in words, with what each rule gave for them."""
    actors = actor_names(organization, [one.actor for one in activities])
    awards: dict[int, list[Award]] = defaultdict(list)
    for award in awards_for(activities):
        awards[award.activity_id or 0].append(award)
    return [
        DeedRow(
            at=one.occurred_at,
            title=what_was_done(one),
            actor=actors.get(one.actor, ""),
            note=str(one.data.get("note", "")),
            why=reasons(awards[one.pk], organization.currency),
        )
        for one in activities
    ]
