"""Pages by a signed cursor: as fast on page thousand as on page one, and nothing to tamper with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from core.addresses import public_url
from core.api.errors import CursorInvalid
from core.api.fields import QueryInteger
from core.api.serializers import StrictSerializer
from core.api.views import TenantAPIView
from core.cursors import LENGTH_MAX, read_cursor, write_cursor

LIMIT_DEFAULT = 25
LIMIT_MAX = 100

ModelT = TypeVar("ModelT", bound=Model)


class PageQuery(StrictSerializer):
    """Which page of a list; a list's own parameters are added by deriving from this."""

    cursor = serializers.CharField(
        required=False, max_length=LENGTH_MAX, help_text="From `next` of the page before."
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
    salt = f"cursor of {view.route} for {view.organization.pk}"
    if "cursor" in query:
        beyond = read_cursor(query["cursor"], by, salt=salt)
        if beyond is None:
            raise CursorInvalid
        rows = rows.filter(beyond)
    found = list(rows.order_by(*by)[: query["limit"] + 1])
    results = found[: query["limit"]]
    if len(found) == len(results):
        return Page(results, None)
    cursor = write_cursor(results[-1], by, salt=salt)
    return Page(results, _address(view.request, cursor))


def _address(request: Request, cursor: str) -> str:
    parameters = request.GET.copy()
    parameters["cursor"] = cursor
    address = f"{request.path}?{parameters.urlencode()}"
    return public_url(address) if settings.PUBLIC_URL else request.build_absolute_uri(address)
