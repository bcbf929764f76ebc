"""That somebody joined is an activity like others, recorded once with their enrollment."""

from __future__ import annotations

from core.actors import Actor
from loyalty.activity_drafts import OWN, ActivityDraft
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.services.activities import Done, record_activity
from members.models import Member


def record_joined(*, member: Member, actor: Actor) -> Done:
    """Record that somebody joined, in the transaction that enrolls them."""
    name = f"joined:{member.public_id}"
    draft = ActivityDraft(
        member_id=member.pk,
        kind=ActivityKind.JOINED,
        source=OWN,
        external_id=name,
        occurred_at=member.joined_at,
        request_key=name,
    )
    return record_activity(organization_id=member.organization_id, draft=draft, actor=actor)
