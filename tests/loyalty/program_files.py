"""Program files for tests, and what they change."""

import pytest

from core.actors import Actor
from core.models import AuditRecord, Organization
from loyalty.errors import ProgramInvalid
from loyalty.models import Program, Rule, RuleVersion
from loyalty.services.programs import dump_program, load_program

ONE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
}
TWO = {**ONE, "effect": {"type": "points_per_amount", "points": 2, "per": "1"}}
THREE = {**ONE, "effect": {"type": "points_per_amount", "points": 3, "per": "1"}}
ADA = Actor("staff", 5)


def open_organization(slug, **details):
    defaults = {"currency": "GBP", "country": "GB", "time_zone": "Europe/London"}
    return Organization.objects.create(name=slug.title(), slug=slug, **{**defaults, **details})


def document(*versions, status="active", **program):
    """A file with one rule that has these versions: specs, or pairs of a date and a spec."""
    return {
        "format": 1,
        "program": {"slug": "main", "name": "Club", "status": "live", **program},
        "rules": [
            {
                "code": "base",
                "name": "Base",
                "status": status,
                "versions": [version(one) for one in versions or [("2000-01-01T00:00:00Z", ONE)]],
            }
        ],
    }


def version(told):
    if isinstance(told, tuple):
        return {"effective_from": told[0], "spec": told[1]}
    return {"spec": told}


def load(organization, file):
    return load_program(organization_id=organization.pk, document=file, actor=ADA).changes


def dump(organization):
    return dump_program(organization_id=organization.pk)


def points_per_pound(organization):
    rows = RuleVersion.objects.filter(rule__program__organization=organization)
    return list(rows.order_by("number").values_list("spec__effect__points", flat=True))


def everything():
    """All that a program file can change."""
    return (
        list(Program.objects.order_by("pk").values()),
        list(Rule.objects.order_by("pk").values()),
        list(RuleVersion.objects.order_by("pk").values()),
        AuditRecord.objects.count(),
    )


def faults(organization, file):
    before = everything()
    with pytest.raises(ProgramInvalid) as refused:
        load(organization, file)
    assert everything() == before
    return [(fault["field"], fault["code"]) for fault in refused.value.data["errors"]]
