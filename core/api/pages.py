"""The API as it describes itself: for machines as OpenAPI, for people as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from core.api import fields
from core.api.problems import status_of
from core.api.reference import calls_by_topic
from core.canonical import as_json
from core.doors import public
from core.errors import Refusal
from core.idempotency import RememberedRefusal

OPENAPI = "application/vnd.oai.openapi+json"


@dataclass(frozen=True, slots=True)
class Code:
    """One word by which programs know a refusal."""

    code: str
    status: int
    sentence: str


@public(reason="shop systems read it before they have a key")
@require_safe
def schema(_request: HttpRequest) -> HttpResponse:
    """Show the OpenAPI document."""
    headers = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(_schema_text(), content_type=OPENAPI, headers=headers)


@public(reason="developers read it before they have a key")
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the API to people."""
    context = {
        "topics": calls_by_topic(openapi()),
        "refusals": [Code(kind.code, status_of(kind), str(kind.sentence)) for kind in refusals()],
        "field_codes": sorted(field_codes()),
    }
    return render(request, "api/docs.html", context)


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = json.loads(_schema_text())
    return document


def refusals() -> list[type[Refusal]]:
    """Return one class for every code that a call may be refused with, in order of their codes."""
    by_code = {kind.code: kind for kind in _below(Refusal) if kind is not RememberedRefusal}
    return [by_code[code] for code in sorted(by_code)]


def field_codes() -> set[str]:
    """Return the codes that single fields are refused with."""
    kinds = [kind for kind in vars(fields).values() if isinstance(kind, type)]
    own = {code for kind in kinds for code in vars(kind).get("default_error_messages", {})}
    return own | {"required", "null", "blank", "unknown_field", "min_value", "max_value"}


def _below(kind: type[Refusal]) -> Iterable[type[Refusal]]:
    for below in kind.__subclasses__():
        yield from _below(below)
        yield below


@cache
def _schema_text() -> str:
    with translation.override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        return as_json(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
