"""Turns the OpenAPI document into what the reference page shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEPTH_MAX = 5
METHODS = ("get", "post", "patch", "delete")
SAMPLES = {
    "uuid": "6f1c9f5e-8d5b-4a3e-9d1a-2f6f0c2b7a10",
    "date-time": "2026-03-29T14:05:00+01:00",
    "date": "2026-03-29",
    "uri": "https://loyalty.example/api/v1/…",
    "email": "ada@example.com",
}

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table of fields; ``name`` is a path such as ``lines[].amount``."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a paragraph, perhaps set as code."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One status that a call may answer with."""

    status: str
    text: str
    fields: list[Field]
    example: str


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    paragraphs: list[list[Run]]
    parameters: list[Field]
    body: list[Field]
    example: str
    outcomes: list[Outcome]
    problems: list[Outcome]

    @property
    def short_path(self) -> str:
        """Return the address without what all addresses begin with."""
        return self.path.removeprefix("/api/v1")


def calls_by_topic(document: Schema) -> dict[str, list[Call]]:
    """Return every call, grouped by the first word of its address."""
    topics: dict[str, list[Call]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                call = _call(document, path, method, methods[method])
                topics.setdefault(methods[method]["tags"][0], []).append(call)
    return topics


def _call(document: Schema, path: str, method: str, operation: Schema) -> Call:
    body = _content(operation.get("requestBody", {}))
    outcomes = [
        _outcome(document, status, answer) for status, answer in operation["responses"].items()
    ]
    return Call(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        paragraphs=_paragraphs(operation["description"], operation["summary"]),
        parameters=[_parameter(document, each) for each in operation.get("parameters", [])],
        body=list(_fields(document, body)) if body else [],
        example=_as_text(_sample(document, body)) if body else "",
        outcomes=[each for each in outcomes if each.status < "400"],
        problems=[each for each in outcomes if each.status >= "400"],
    )


def _paragraphs(description: str, summary: str) -> list[list[Run]]:
    """Split a description at blank lines and backticks; the summary stands above it already."""
    paragraphs = [each for each in description.split("\n\n") if each.rstrip(".") != summary]
    return [
        [Run(words, bool(index % 2)) for index, words in enumerate(each.split("`")) if words]
        for each in paragraphs
    ]


def _outcome(document: Schema, status: str, answer: Schema) -> Outcome:
    schema = _content(answer) if status < "400" else None
    return Outcome(
        status=status,
        text=str(answer.get("description", "")),
        fields=list(_fields(document, schema)) if schema else [],
        example=_as_text(_sample(document, schema)) if schema else "",
    )


def _parameter(document: Schema, parameter: Schema) -> Field:
    schema = _resolved(document, parameter["schema"])
    where = {"path": "in the address", "header": "header"}.get(parameter["in"], "query")
    return Field(
        name=parameter["name"],
        kind=f"{_kind(document, schema)}, {where}",
        required=parameter.get("required", False),
        text=str(parameter.get("description", "")),
    )


def _content(holder: Schema) -> Schema | None:
    for media in holder.get("content", {}).values():
        schema: Schema = media["schema"]
        return schema
    return None


def _resolved(document: Schema, schema: Schema) -> Schema:
    """Follow references, also the ones that the generator wraps to add a description."""
    while "$ref" in schema or "allOf" in schema:
        if "allOf" in schema:
            extra = {key: part for key, part in schema.items() if key != "allOf"}
            schema = {**_resolved(document, schema["allOf"][0]), **extra}
        else:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _fields(document: Schema, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[Field]:
    schema = _resolved(document, schema)
    for name, part in schema.get("properties", {}).items():
        inner = _resolved(document, part)
        path = f"{prefix}{name}"
        required = name in schema.get("required", [])
        yield Field(path, _kind(document, inner), required, str(part.get("description", "")))
        nested, mark = inner, "."
        if inner.get("type") == "array":
            nested, mark = _resolved(document, inner["items"]), "[]."
        if depth < DEPTH_MAX:
            yield from _fields(document, nested, f"{path}{mark}", depth + 1)


def _kind(document: Schema, schema: Schema) -> str:
    """Say in words what a value looks like."""
    if "oneOf" in schema:
        return " or ".join(_kind(document, _resolved(document, each)) for each in schema["oneOf"])
    if "enum" in schema:
        return " | ".join(str(word) for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(document, _resolved(document, schema['items']))}"
    words = [schema.get("format") or schema.get("type", "any")]
    words += [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"))
        if key in schema
    ]
    if "maxLength" in schema:
        words.append(f"of {schema.get('minLength', 0)} to {schema['maxLength']} characters")
    if schema.get("nullable"):
        words.append("or null")
    return " ".join(words)


def _sample(document: Schema, schema: Schema) -> Any:
    """Make up a value that fits."""
    schema = _resolved(document, schema)
    if "oneOf" in schema:
        return _sample(document, schema["oneOf"][0])
    for key in ("example", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    return _sample_of_type(document, schema)


def _sample_of_type(document: Schema, schema: Schema) -> Any:
    kind = schema.get("type")
    if kind == "object":
        parts = schema.get("properties", {})
        return {name: _sample(document, part) for name, part in parts.items()}
    if kind == "array":
        return [_sample(document, schema["items"])]
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return SAMPLES.get(schema.get("format", ""), "…")


def _as_text(sample: Any) -> str:
    return json.dumps(sample, indent=2, ensure_ascii=False)
