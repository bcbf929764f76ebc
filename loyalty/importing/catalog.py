"""A second file that knows what the articles are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from loyalty.errors import FileUnreadable
from loyalty.importing.cells import BRAND_MAX, CATEGORY_MAX, NAME_MAX, SKU_MAX, text_of
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
    articles = {}
    for row, cells in table.rows():
        try:
            articles[text_of(_cell(table, cells, columns.sku), SKU_MAX)] = Article(
                text_of(_cell(table, cells, columns.name), NAME_MAX),
                text_of(_cell(table, cells, columns.brand), BRAND_MAX),
                _path(table, cells, columns.category),
            )
        except (Unfit, IndexError) as fault:
            raise FileUnreadable(
                _("Row %(row)s of %(file)s cannot be used.") % {"row": row, "file": path.name},
                row=row,
            ) from fault
    return articles


def _cell(table: Table, cells: Sequence[str], column: str | None) -> str:
    return "" if column is None else cells[table.position(column)]


def _path(table: Table, cells: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    steps = [text_of(_cell(table, cells, column), CATEGORY_MAX) for column in columns]
    return tuple(filter(None, steps))
