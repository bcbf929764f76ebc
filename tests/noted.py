"""What an organization notes about its members, for tests."""

from __future__ import annotations

from core.models import Organization
from members.attributes import Kind
from members.models import AttributeDefinition


def define(organization: Organization, **kinds: str) -> None:
    """Let these names be noted, each of a type."""
    for name, kind in kinds.items():
        AttributeDefinition.objects.create(
            organization=organization,
            name=name,
            label=name.title(),
            kind=kind,
            choices=["S", "M", "L"] if kind == Kind.CHOICE else [],
        )
