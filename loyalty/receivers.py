"""What loyalty does when somebody joins, and when a rule begins to act."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from core.actors import SYSTEM
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.models import Program
from loyalty.services.joining import record_joined
from loyalty.services.naming import refuse_unknown_names
from loyalty.services.promises import refuse_unknown_target
from loyalty.signals import rule_activating
from members.models import Member, Source
from members.signals import member_enrolled


@receiver(member_enrolled)
def note_joining(member: Member, **_: Any) -> None:
    """Record that somebody joined; history that is brought along joins in silence."""
    if member.joined_source != Source.IMPORT:
        record_joined(member=member, actor=SYSTEM)


@receiver(rule_activating)
def look_at_rule(spec: RuleVersionSpec, program: Program, **_: Any) -> None:
    """Refuse a rule that would give, or asks for, what there is not."""
    refuse_unknown_target(program, spec.effect.goal)
    refuse_unknown_names(program, spec.conditions)
