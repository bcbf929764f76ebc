"""Says what an organization notes about its members, and of which type each of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.actors import Actor
from core.errors import CodeTaken, NameMissing, about
from core.locking import lock_one
from core.models import Organization
from core.text import caseless, clean_line
from members.attributes import NAME, Defined, Kind
from members.errors import AttributeChoicesInvalid, AttributeNameInvalid
from members.models import AttributeDefinition

LABEL_LENGTH_MAX = 80
CHOICE_LENGTH_MAX = 120
CHOICES_MAX = 100
DEFINITIONS_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeWish:
    """What people call an attribute, who sees it, and the values of one that is chosen."""

    label: str
    audience: str = AttributeDefinition.Audience.MANAGERS
    choices: Sequence[str] = ()


@transaction.atomic
def define_attribute(
    *, organization_id: int, name: str, kind: str, wish: AttributeWish, actor: Actor
) -> AttributeDefinition:
    """Let something new be noted of members; its name and its type stay."""
    organization = lock_one(Organization, organization_id)
    known = AttributeDefinition.objects.filter(organization=organization)
    if not NAME.fullmatch(name):
        raise AttributeNameInvalid
    if known.filter(name=name).exists():
        raise CodeTaken(field="name")
    if known.count() >= DEFINITIONS_MAX:
        raise AttributeNameInvalid(limit=DEFINITIONS_MAX)
    said = _clean(wish, Kind(kind))
    made = AttributeDefinition.objects.create(
        organization=organization, name=name, kind=kind, **said
    )
    audit.record("added", made, organization_id=organization_id, actor=actor)
    return made


@transaction.atomic
def change_attribute(
    *, definition_id: int, wish: AttributeWish, actor: Actor
) -> AttributeDefinition:
    """Change what an attribute is called, who sees it and its choices; what is noted stays."""
    definition = AttributeDefinition.objects.get(pk=definition_id)
    lock_one(Organization, definition.organization_id)
    definition.refresh_from_db()
    said = _clean(wish, Kind(definition.kind))
    fields = [name for name, value in said.items() if getattr(definition, name) != value]
    if fields:
        for name in fields:
            setattr(definition, name, said[name])
        definition.save(update_fields=fields)
        organization_id = definition.organization_id
        audit.record(
            "changed", definition, organization_id=organization_id, actor=actor, fields=fields
        )
    return definition


def defined_by(organization_id: int) -> dict[str, Defined]:
    """Return what the organization notes, by name."""
    rows = AttributeDefinition.objects.filter(organization_id=organization_id)
    return {row.name: Defined(Kind(row.kind), tuple(row.choices)) for row in rows}


def _clean(wish: AttributeWish, kind: Kind) -> dict[str, object]:
    with about("label"):
        label = clean_line(wish.label, max_length=LABEL_LENGTH_MAX)
        if not label:
            raise NameMissing
    choices = _choices(wish.choices) if kind is Kind.CHOICE else []
    audience = AttributeDefinition.Audience(wish.audience)
    return {"label": label, "audience": audience, "choices": choices}


def _choices(typed: Sequence[str]) -> list[str]:
    with about("choices"):
        cleaned = [clean_line(one, max_length=CHOICE_LENGTH_MAX) for one in typed]
        distinct = list({caseless(one): one for one in cleaned if one}.values())
        if not 2 <= len(distinct) <= CHOICES_MAX:
            raise AttributeChoicesInvalid
    return distinct
