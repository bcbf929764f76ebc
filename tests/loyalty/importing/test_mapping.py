"""The mapping's document: what may stand in it, and that the docs say the same."""

import re
import types
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from loyalty.errors import MappingInvalid
from loyalty.importing.mapping import (
    ReceiptMapping,
    load_mapping,
    parse_mapping,
    preset_names,
)
from loyalty.importing.reasons import REASONS

DOCS = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
SMALLEST = {
    "source": "till",
    "receipt": "no",
    "occurred_at": {"columns": ["at"]},
    "line": {"amount": ["total"]},
}


def rows_of(model, prefix=""):
    """Every field of the mapping as its row in the docs."""
    for name, field in model.model_fields.items():
        inner = next(models_in(field.annotation), None)
        many = "[]" if "tuple" in str(field.annotation) and inner else ""
        yield f"| `{prefix}{name}{many}` | {default_of(field)} | {field.description} |"
        if inner is not None:
            yield from rows_of(inner, f"{prefix}{name}{many}.")


def default_of(field):
    if field.default is PydanticUndefined:
        return "needed"
    if field.default in (None, (), {}, "") or isinstance(field.default, BaseModel):
        return ""
    return f"`{str(field.default).lower() if field.default is False else field.default}`"


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            yield from models_in(part)


def test_every_field_is_documented_in_its_own_words():
    written = re.findall(r"^\| `[^`]+` \| [^|]*\| .+ \|$", DOCS, re.MULTILINE)

    assert written == list(rows_of(ReceiptMapping))


def test_every_reason_is_documented_in_its_own_words():
    written = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", DOCS, re.MULTILINE))

    said = {code: re.sub(r"%\((\w+)\)s", "…", str(words)) for code, words in REASONS.items()}
    assert written == dict(sorted(said.items()))


def test_the_presets_are_what_the_docs_name():
    assert preset_names() == ["complete-journey", "online-retail"]
    assert all(f"`{name}`" in DOCS for name in preset_names())


@pytest.mark.parametrize("name", ["complete-journey", "online-retail"])
def test_a_preset_comes_back_from_storage_unchanged(name):
    mapping = load_mapping(name)

    assert parse_mapping(mapping.model_dump(mode="json")) == mapping


def test_the_smallest_mapping_names_source_receipt_time_and_money():
    mapping = parse_mapping(SMALLEST)

    assert mapping.columns() == ["no", "at", "total"]


@pytest.mark.parametrize(
    ("why", "changes", "field", "code"),
    [
        ("two prices", {"line": {"amount": ["a"], "unit_price": "p"}}, "line", "price_unclear"),
        ("no price", {"line": {"sku": "a"}}, "line", "price_unclear"),
        (
            "no such zone",
            {"occurred_at": {"columns": ["at"], "zone": "Mars"}},
            "occurred_at.zone",
            "time_zone_unknown",
        ),
        (
            "three columns of time",
            {"occurred_at": {"columns": ["a", "b", "c"]}},
            "occurred_at.columns",
            "too_long",
        ),
        ("no such encoding", {"file": {"encoding": "utf-9"}}, "file.encoding", "encoding_unknown"),
        (
            "an encoding of no text",
            {"file": {"encoding": "bz2_codec"}},
            "file.encoding",
            "encoding_unknown",
        ),
        ("no such delimiter", {"file": {"delimiter": "x"}}, "file.delimiter", "literal_error"),
        (
            "equal marks",
            {"numbers": {"decimal_mark": ",", "thousands_mark": ","}},
            "numbers",
            "marks_are_equal",
        ),
        ("too fine", {"numbers": {"round_to": 4}}, "numbers.round_to", "less_than_equal"),
        ("a refusal without name", {"rows": [{"take_as": "refusal"}]}, "rows.0", "refusal_unnamed"),
        (
            "a name without refusal",
            {"rows": [{"take_as": "sale", "code": "abc", "because": "x"}]},
            "rows.0",
            "refusal_unnamed",
        ),
        (
            "an odd name",
            {"rows": [{"take_as": "refusal", "code": "A b", "because": "x"}]},
            "rows.0.code",
            "code_invalid",
        ),
        ("no such kind", {"kinds": [{"kind": "coupon"}]}, "kinds.0.kind", "enum"),
        ("a blank column", {"receipt": " "}, "receipt", "blank"),
    ],
)
def test_a_wrong_mapping_names_the_field(why, changes, field, code):
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping({**SMALLEST, **changes})

    assert [(one["field"], one["code"]) for one in refused.value.data["errors"]] == [(field, code)]
