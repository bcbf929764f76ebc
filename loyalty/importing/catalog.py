"""A second file that knows what the articles are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from loyalty.errors import FileUnreadable
from loyalty.importing.cells import BRAND_MAX, CACHED, CATEGORY_MAX, NAME_MAX, SKU_MAX, text_of
from loyalty.importing.mapping import FileFormat
from loyalty.importing.reading import open_table
from loyalty.importing.reasons import Unfit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loyalty.importing.mapping import ProductFile
    from loyalty.importing.reading import Table


class Article(NamedTuple):
    """What an article is called and where it belongs."""

    name: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()


UNKNOWN = Article()


def read_articles(path: Path, columns: ProductFile) -> dict[str, Article]:
    """Return what the file says of each article number; refuse a file with a faulty row."""
    single = filter(None, (columns.sku, columns.name, columns.brand))
    table = open_table(path, FileFormat(), [*single, *columns.category])
    sku, name, brand = (_position(table, one) for one in (columns.sku, columns.name, columns.brand))
    category = [table.position(column) for column in columns.category]
    articles = {}
    for row, cells in table.rows():
        try:
            articles[_text(cells, sku, SKU_MAX)] = Article(
                _text(cells, name, NAME_MAX),
                _text(cells, brand, BRAND_MAX),
                _path(tuple([cells[step] for step in category])),
            )
        except (Unfit, IndexError) as fault:
            raise FileUnreadable(
                _("Row %(row)s of %(file)s cannot be used.") % {"row": row, "file": path.name},
                row=row,
            ) from fault
    return articles


def _position(table: Table, column: str | None) -> int | None:
    return None if column is None else table.position(column)


def _text(cells: Sequence[str], column: int | None, max_length: int) -> str:
    return "" if column is None else text_of(cells[column], max_length)


@lru_cache(maxsize=CACHED)
def _path(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, [text_of(cell, CATEGORY_MAX) for cell in cells]))
