"""The parts of a program that are worked out from what happened, and who checks each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.actors import Actor
from loyalty.services import challenges_audit, stamps_audit, tiers_audit


class Rebuilding(Protocol):
    """Brings everything of a part to what its history says; returns how much was different."""

    def __call__(self, organization_id: int, *, actor: Actor) -> int:
        """Rebuild it for one organization."""


@dataclass(frozen=True, slots=True)
class PartAudit:
    """One part: its name, what does not agree in an organization, and how that is mended."""

    name: str
    disagreements: Callable[[int], Sequence[Any]]
    rebuild: Rebuilding


AUDITS = (
    PartAudit("stamps", stamps_audit.disagreements, stamps_audit.rebuild),
    PartAudit("challenges", challenges_audit.disagreements, challenges_audit.rebuild),
    PartAudit("tiers", tiers_audit.disagreements, tiers_audit.rebuild),
)
