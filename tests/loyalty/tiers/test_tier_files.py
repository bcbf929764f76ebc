"""Tiers in a program file: judged, loaded once, and written as they were."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from core.actors import SYSTEM
from loyalty.errors import ProgramInvalid
from loyalty.models import LadderVersion
from loyalty.services.ladder_files import dump_tiers, load_tiers
from loyalty.services.programs import dump_program, load_program
from loyalty.tier_document import tier_faults
from loyalty.tiers.spec import Benefits, LadderSpec, Tier
from tests.ladders import ladder, put_up, tiers
from tests.shops import open_shop

DOCS = (Path(__file__).parents[3] / "docs/program-file.md").read_text(encoding="utf-8")
JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def shop(db):
    with time_machine.travel(JUNE, tick=False):
        yield open_shop()


def loads(shop, *versions):
    return load_tiers(shop.program.pk, {"versions": list(versions)}, SYSTEM)


def test_tiers_are_loaded_once(shop):
    first = loads(shop, {"spec": ladder()})
    again = loads(shop, {"spec": ladder()})

    assert (first, again) == (["tiers"], [])
    assert LadderVersion.objects.count() == 1


def test_what_is_written_can_be_loaded_elsewhere(shop):
    loads(shop, {"spec": ladder(tiers=tiers(silver={"multiplier": "1.5"}))})
    loads(
        shop,
        {"effective_from": "2026-07-01T00:00:00+01:00", "spec": ladder(grace_days=3)},
    )
    document = dump_program(organization_id=shop.organization.pk)
    other = open_shop("elsewhere")
    document["program"]["slug"] = other.program.slug

    load_program(organization_id=other.organization.pk, document=document)

    assert dump_tiers(other.program.pk) == dump_tiers(shop.program.pk)
    assert len(document["tiers"]["versions"]) == 2


def test_a_program_without_tiers_says_so(shop):
    assert dump_tiers(shop.program.pk) == {"versions": []}
    assert loads(shop) == []


def test_a_file_cannot_take_a_tier_away_that_somebody_has(shop):
    put_up(shop)
    shop.buys(shop.member(), "100")
    later = (JUNE + timedelta(days=1)).isoformat()

    with pytest.raises(ProgramInvalid) as refused:
        loads(shop, {"effective_from": later, "spec": ladder(tiers=tiers()[1:])})

    [fault] = refused.value.data["errors"]
    assert (fault["field"], fault["code"]) == ("tiers", "tier_still_held")
    assert LadderVersion.objects.count() == 1


def test_a_version_does_not_begin_before_one_that_has_lifted_somebody(shop):
    put_up(shop)
    shop.buys(shop.member(), "100")
    before = (JUNE - timedelta(days=1)).isoformat()

    with pytest.raises(ProgramInvalid) as refused:
        loads(shop, {"effective_from": before, "spec": ladder(grace_days=3)})

    [fault] = refused.value.data["errors"]
    assert fault["code"] == "version_too_early"


@pytest.mark.proves("input 114")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"basis": "balance"}, "literal_error"),
        ({"window": {"type": "rolling", "months": 0}}, "greater_than_equal"),
        ({"valid": {"type": "months", "months": 0}}, "validity_needed"),
        ({"grace_days": -1}, "greater_than_equal"),
        ({"tiers": tiers(silver={"multiplier": "1000000"})}, "less_than_equal"),
        ({"tiers": tiers(silver={"multiplier": "1"})}, "greater_than"),
        (
            {"tiers": [*tiers(), {"code": "x", "name": "X", "threshold": "500"}]},
            "tiers_out_of_order",
        ),
        ({"tiers": [*tiers(), {"code": "gold", "name": "X", "threshold": "900"}]}, "code_taken"),
        ({"tiers": [{"code": "x", "name": "X"}]}, "tier_incomplete"),
        (
            {"tiers": [{"code": "x", "name": "X", "kind": "invitation", "threshold": "5"}]},
            "tier_says_too_much",
        ),
        (
            {"basis": "visits", "tiers": [{"code": "x", "name": "X", "threshold": "2.5"}]},
            "whole_number_needed",
        ),
        ({"tiers": [{"code": "x", "name": "X", "threshold": "-5"}]}, "not_a_decimal"),
        ({"tiers": [{"code": "x", "name": "X", "threshold": "5"}] * 13}, "too_long"),
    ],
)
def test_tiers_beyond_reason_are_refused(said, code):
    faults = tier_faults({"versions": [{"spec": ladder(**said)}]})

    assert [fault["code"] for fault in faults] == [code]


def test_every_field_of_the_tiers_is_documented_in_order():
    documented = re.findall(r"^\| `tiers\.versions\[\]\.spec\.([^`]+)` \|", DOCS, re.MULTILINE)

    of_tier = [f"tiers[].{name}" for name in Tier.model_fields]
    of_benefits = [f"tiers[].benefits.{name}" for name in Benefits.model_fields]
    assert documented == [*LadderSpec.model_fields, *of_tier, *of_benefits]
