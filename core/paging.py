"""Lists of the office, page by page: what was filtered stays in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.cursors import read_cursor, write_cursor

ROWS = 50

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[ModelT]):
    """Some rows of a list, with the addresses of the first rows and of the next ones."""

    rows: list[ModelT]
    first_url: str = ""
    next_url: str = ""


def page_of(
    rows: QuerySet[ModelT], request: HttpRequest, *, by: Sequence[str], size: int = ROWS
) -> Page[ModelT]:
    """Return the rows after those that ``?after=`` names; a stale sign begins anew.

    ``by`` names the columns of the order, all with ``-`` or all without; together they are unique.
    """
    asked = request.GET.copy()
    [after] = asked.pop("after", [""])[-1:]
    beyond = read_cursor(after, by, salt=request.path) if after else None
    first_url = f"?{asked.urlencode()}" if beyond else ""
    found = list((rows.filter(beyond) if beyond else rows).order_by(*by)[: size + 1])
    if len(found) <= size:
        return Page(found, first_url)
    asked["after"] = write_cursor(found[size - 1], by, salt=request.path)
    return Page(found[:size], first_url, f"?{asked.urlencode()}")
