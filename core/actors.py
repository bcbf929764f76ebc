"""Who acts: a short name for staff, integrations, members and the platform itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who may change something; ``name`` is what ledgers and audit records keep."""

    kind: str
    pk: int | None = None

    @property
    def name(self) -> str:
        """Return ``staff:5``, ``integration:3`` or ``system``."""
        return self.kind if self.pk is None else f"{self.kind}:{self.pk}"


SYSTEM = Actor("system")


def staff_actor(pk: int) -> Actor:
    """Name a staff member as the one who acts."""
    return Actor("staff", pk)


def member_actor(pk: int) -> Actor:
    """Name a member as the one who acts."""
    return Actor("member", pk)


def integration_actor(pk: int) -> Actor:
    """Name a shop system as the one who acts."""
    return Actor("integration", pk)
