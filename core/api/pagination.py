"""Pages by a signed cursor: as fast on page thousand as on page one, and nothing to tamper with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from core.addresses import public_url
from core.api.errors import CursorInvalid
from core.api.fields import QueryInteger
from core.api.serializers import StrictSerializer
from core.api.views import TenantAPIView

CURSOR_LENGTH_MAX = 500
LIMIT_DEFAULT = 25
LIMIT_MAX = 100

ModelT = TypeVar("ModelT", bound=Model)


class PageQuery(StrictSerializer):
    """Which page of a list; a list's own parameters are added by deriving from this."""

    cursor = serializers.CharField(
        required=False, max_length=CURSOR_LENGTH_MAX, help_text="From `next` of the page before."
    )
    limit = QueryInteger(default=LIMIT_DEFAULT, min_value=1, max_value=LIMIT_MAX)


@dataclass(frozen=True, slots=True)
class Page(Generic[ModelT]):
    """Some rows of a list, and the address of the next ones."""

    results: list[ModelT]
    next: str | None


def page_answer(item: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """Make the serializer that describes a page of such items."""
    parts = {
        "__doc__": "A page of a list; `next` is the address of the following one.",
        "results": item(many=True),
        "next": serializers.URLField(allow_null=True),
    }
    return type(f"{item.__name__}Page", (serializers.Serializer,), parts)


def page_of(
    rows: QuerySet[ModelT], view: TenantAPIView, query: dict[str, Any], *, by: Sequence[str]
) -> Page[ModelT]:
    """Return the page of ``rows`` that a validated ``PageQuery`` asks for.

    ``by`` names the columns of the order, all with ``-`` or all without; together they are unique.
    """
    descending = by[0].startswith("-")
    assert all(column.startswith("-") == descending for column in by), "one direction per list"
    columns = [column.lstrip("-") for column in by]
    salt = f"cursor of {view.route} for {view.organization.pk}"
    if "cursor" in query:
        seen = _read(query["cursor"], salt, len(columns))
        rows = rows.filter(_beyond(columns, seen, "lt" if descending else "gt"))
    found = list(rows.order_by(*by)[: query["limit"] + 1])
    results = found[: query["limit"]]
    if len(found) == len(results):
        return Page(results, None)
    cursor = signing.dumps([_plain(getattr(results[-1], name)) for name in columns], salt=salt)
    return Page(results, _address(view.request, cursor))


def _read(cursor: str, salt: str, length: int) -> list[Any]:
    try:
        seen = signing.loads(cursor, salt=salt)
    except signing.BadSignature:
        raise CursorInvalid from None
    if len(seen) != length:
        raise CursorInvalid
    return list(seen)


def _beyond(columns: list[str], seen: list[Any], comparison: str) -> Q:
    """Compare column by column: beyond the first, or equal to it and beyond the next."""
    condition = Q(**{f"{columns[-1]}__{comparison}": seen[-1]})
    for column, value in zip(reversed(columns[:-1]), reversed(seen[:-1]), strict=True):
        condition = Q(**{f"{column}__{comparison}": value}) | (Q(**{column: value}) & condition)
    return condition


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _address(request: Request, cursor: str) -> str:
    parameters = request.GET.copy()
    parameters["cursor"] = cursor
    address = f"{request.path}?{parameters.urlencode()}"
    return public_url(address) if settings.PUBLIC_URL else request.build_absolute_uri(address)
