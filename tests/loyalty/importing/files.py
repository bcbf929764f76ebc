"""Small files of receipts for tests, and the command that imports them."""

from __future__ import annotations

import csv
import gzip
import io
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from loyalty.models import ImportRefusal, Product, Purchase, PurchaseLine, Return, ReturnLine
from members.models import Card, Member

PROJECT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("REGULARS_TEST_DATA") or PROJECT.parent / "shared" / "data")
COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


@dataclass
class Ran:
    """How the command ended and what it printed."""

    code: int
    out: str

    @property
    def counts(self) -> tuple[int, int, int]:
        """The accepted, refused and skipped lines of the report."""
        [line] = [line for line in self.out.splitlines() if line.startswith("lines ")]
        words = line.replace(",", "").split()
        return int(words[3]), int(words[6]), int(words[9])

    @property
    def report(self) -> list[str]:
        """The report without what was said before it."""
        lines = self.out.splitlines()
        starts = [i for i, line in enumerate(lines) if line.startswith("lines ")]
        return lines[starts[0] :]


def real_file(name: str) -> Path:
    """Return a file of real receipts, or skip the test and say what is missing."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"no real receipts: {path} is not there; set REGULARS_TEST_DATA")
    return path


def row(
    receipt: str,
    sku: str = "85123A",
    quantity: str | int = 1,
    price: str = "2.00",
    *,
    customer: str = "17850",
    at: str = "2011-05-02T10:00:00",
    name: str = "CREAM HANGING HEART T-LIGHT HOLDER",
    country: str = "United Kingdom",
) -> list[str]:
    """Return one row as the online shop exports it."""
    return [receipt, sku, name, str(quantity), at, price, customer, country]


def text_of(rows: list[list[str]], columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> str:
    """Return the rows as a CSV file, with a header."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows([columns, *rows])
    return written.getvalue()


def import_file(path: Path, *options: str, slug: str = "high-street", mapping="online-retail"):
    """Run the command; the exit code is what a shell would see."""
    out = io.StringIO()
    try:
        call_command(
            "import_receipts", slug, str(path), "--mapping", str(mapping), *options, stdout=out
        )
    except CommandError as error:
        return Ran(1, out.getvalue() + str(error))
    except SystemExit as ended:
        return Ran(int(ended.code or 0), out.getvalue())
    return Ran(0, out.getvalue())


def unpacked(path: Path) -> list[dict[str, str]]:
    """Return the rows of a real file, read without any of our code."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def everything() -> list[int]:
    """Count what an import makes."""
    models = (Purchase, PurchaseLine, Return, ReturnLine, Member, Card, Product, ImportRefusal)
    return [model.objects.count() for model in models]


def refusals() -> list[tuple[int, str, str]]:
    """Return row, receipt and reason of each refused row."""
    return list(ImportRefusal.objects.order_by("row").values_list("row", "receipt", "code"))
