import json
import re
import types
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.program_files import sections
from loyalty.earning.describe import vocabulary_table
from loyalty.earning.vocabulary.expiry import Expiry
from loyalty.earning.vocabulary.waiting import WAITING
from loyalty.gifts import AnyGift
from loyalty.program_document import ProgramPart, RulePart
from loyalty.stamp_document import StampCardPart
from tests.loyalty.program_files import load, open_organization, points_per_pound

DOCS = (Path(__file__).parents[2] / "docs/program-file.md").read_text()


@pytest.fixture
def organization(db):
    return open_organization("high-street")


def documented(pattern):
    return re.findall(rf"^\| `({pattern})` \|", DOCS, re.MULTILINE)


def fields_of(model, prefix):
    """Every field of a model by its path; what has several forms is described elsewhere."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path
        inner = list(models_in(field.annotation))
        if len(inner) == 1:
            below = "[]." if "tuple" in str(field.annotation) else "."
            yield from fields_of(inner[0], path + below)


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            yield from models_in(part)


def test_every_part_of_a_file_is_documented():
    top = documented(r"[a-z_]+")

    assert top[: 2 + len(sections())] == ["format", "program", *(one.name for one in sections())]


def test_every_field_of_the_program_and_its_rules_is_documented_in_order():
    rules = list(fields_of(RulePart, "rules[]."))
    spec = "rules[].versions[].spec."

    assert documented(r"program\.[^`]+") == list(fields_of(ProgramPart, "program."))
    assert documented(r"rules\[\][^`]+") == [path for path in rules if not path.startswith(spec)]
    assert documented(r"spec\.[^`]+") == [
        path.removeprefix("rules[].versions[].") for path in rules if path.startswith(spec)
    ]


def test_every_field_of_the_stamp_cards_is_documented_in_order():
    assert documented(r"stamp_cards\[\][^`]+") == list(fields_of(StampCardPart, "stamp_cards[]."))


def test_every_gift_is_documented_in_its_own_words():
    table = DOCS.partition("### Gifts")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)

    kinds = typing.get_args(typing.get_args(AnyGift)[0])
    assert [(name, tuple(re.findall(r"`(\w+)`", fields)), text) for name, fields, text in rows] == [
        (
            typing.get_args(kind.model_fields["type"].annotation)[0],
            tuple(kind.model_fields)[1:],
            kind.meaning,
        )
        for kind in kinds
    ]


def test_every_effect_and_condition_is_documented_in_its_own_words():
    rows = re.findall(r"^\| (effect|condition) \| `(\w+)` \| (.*?) \| (.*) \|$", DOCS, re.MULTILINE)

    assert sorted(
        (part, name, tuple(re.findall(r"`(\w+)`", fields)), meaning)
        for part, name, fields, meaning in rows
    ) == sorted(tuple(row) for row in vocabulary_table())


def test_every_way_to_expire_is_documented():
    table = DOCS.partition("### Expiry")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\| ", table, re.MULTILINE)

    assert [(name, tuple(re.findall(r"`(\w+)`", fields))) for name, fields in rows] == [
        (typing.get_args(kind.model_fields["type"].annotation)[0], tuple(kind.model_fields)[1:])
        for kind in typing.get_args(Expiry)
    ]


def test_every_way_to_wait_is_documented():
    table = DOCS.partition("### Waiting")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\| ", table, re.MULTILINE)

    assert [(name, tuple(re.findall(r"`(\w+)`", fields))) for name, fields in rows] == [
        (name, tuple(kind.model_fields)[1:]) for name, kind in WAITING.items()
    ]


def test_the_example_of_the_docs_can_be_loaded(organization):
    example = re.search(r"```json\n(.*?)```", DOCS, re.DOTALL)

    load(organization, json.loads(example[1]))

    assert points_per_pound(organization) == [1, 2]
