"""What the columns of a file mean: one typed document, with presets for known files."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, ValidationError, model_validator

from loyalty.earning.receipt import LineKind
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Labels, Part, fault
from loyalty.errors import MappingInvalid

PRESETS = Path(__file__).parent / "presets"
AUTO = "auto"
ISO = "iso"

_CODE = re.compile(r"[a-z][a-z0-9_]{2,47}", re.ASCII)


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise fault("code_invalid", _("Use lower-case letters, digits and underscores."))
    return text


def _encoding(name: str) -> str:
    try:
        # A codec such as bz2 is no encoding of text and is refused here.
        "".encode(codecs.lookup(name).name)
    except LookupError as error:
        raise fault("encoding_unknown", _("There is no such encoding of text.")) from error
    return name


def _encoding_or_auto(name: str) -> str:
    return name if name == AUTO else _encoding(name)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise fault("time_zone_unknown", _("Use a time zone name such as Europe/London."))
    return name


def _file_name(name: str) -> str:
    if name != Path(name).name or "\\" in name or name in {".", ".."}:
        raise fault("not_a_file_name", _("Write the name of a file, without folders."))
    return name


Sign = Literal["negative", "zero", "positive"]
Texts = Annotated[tuple[str, ...], Field(min_length=1, max_length=200)]
Code = Annotated[str, AfterValidator(_code)]
Encoding = Annotated[str, AfterValidator(_encoding_or_auto)]
FileName = Annotated[Label, AfterValidator(_file_name)]
Zone = Annotated[str, AfterValidator(_zone)]
Source = Annotated[Label, Field(max_length=80)]
Channel = Annotated[Label, Field(max_length=32)]


class FileFormat(Part):
    """How the file is written."""

    encoding: Encoding = Field(
        default=AUTO,
        description="`auto` (a byte order mark, else UTF-8) or a name such as `cp1252`",
    )
    delimiter: Literal["auto", ",", ";", "\t", "|"] = Field(
        default="auto", description="what stands between the columns; `auto` looks at the header"
    )


class Numbers(Part):
    """How numbers are written."""

    decimal_mark: Literal[".", ","] = Field(default=".", description="before the decimals")
    thousands_mark: Literal["", ",", ".", " ", "'"] = Field(
        default="", description="between groups of three digits, where there are any"
    )
    round_to: Annotated[int, Field(strict=True, ge=0, le=3)] | None = Field(
        default=None,
        description="round amounts to so many decimals, and read `1.2e-16`; without it an amount "
        "finer than three decimals is refused, so that sums equal the file's",
    )

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal_mark == self.thousands_mark:
            raise fault("marks_are_equal", _("The two marks must differ."))
        return self


class Moment(Part):
    """When the receipt was rung up."""

    columns: Annotated[Labels, Field(max_length=2)] = Field(
        description="the column, or the columns of date and time"
    )
    format: Label = Field(
        default=ISO, description="`iso`, or a pattern as Python's `strptime` reads it"
    )
    zone: Zone | None = Field(
        default=None, description="the zone of times without an offset; else the store's own"
    )


class Customer(Part):
    """Who bought."""

    column: Label = Field(description="the shop's own key of the customer; blank is a guest")
    guests: tuple[str, ...] = Field(default=(), description="keys that mean a guest as well")


class StoreColumn(Part):
    """Where it was bought."""

    column: Label = Field(description="the code of the store")
    create: bool = Field(default=False, description="open stores that the file names first")


class LineColumns(Part):
    """What was sold on one row."""

    sku: Label | None = Field(default=None, description="the article's number")
    name: Label | None = Field(default=None, description="the article's name")
    brand: Label | None = Field(default=None, description="its brand")
    category: tuple[Label, ...] = Field(
        default=(), max_length=10, description="columns that make the category path, widest first"
    )
    quantity: Label | None = Field(default=None, description="how many; without it one")
    unit_price: Label | None = Field(
        default=None, description="the price of one; either this or `amount`"
    )
    amount: tuple[Label, ...] = Field(
        default=(), max_length=10, description="columns that add up to the row's money"
    )
    less: tuple[Label, ...] = Field(
        default=(), max_length=10, description="columns taken off what was to be paid"
    )
    discount: tuple[Label, ...] = Field(
        default=(), max_length=10, description="columns that add up to the discount to remember"
    )
    tax: Label | None = Field(default=None, description="the tax within the amount")
    unit_cost: Label | None = Field(default=None, description="what one cost the shop")

    @model_validator(mode="after")
    def _has_one_price(self) -> Self:
        if (self.unit_price is None) == (not self.amount):
            raise fault("price_unclear", _("Name either unit_price or amount."))
        return self


class RowTest(Part):
    """Which rows are meant: every test that is given must hold."""

    receipt_starts_with: Texts | None = Field(
        default=None, description="the receipt's number begins with one of these"
    )
    sku: Texts | None = Field(default=None, description="the article is one of these")
    sku_starts_with: Texts | None = Field(
        default=None, description="the article's number begins with one of these"
    )
    quantity: Sign | None = Field(
        default=None, description="the quantity is `negative`, `zero` or `positive`"
    )
    amount: Sign | None = Field(default=None, description="the amount is, likewise")
    cells: dict[Label, Texts] = Field(
        default={}, description="columns and the values of which each must have one"
    )


class RowRule(RowTest):
    """How rows of a kind are taken; the first rule that fits decides, else a row is a sale."""

    take_as: Literal["sale", "return", "refusal"] = Field(
        description="`sale`, `return` (signs do not matter then) or `refusal`"
    )
    code: Code | None = Field(default=None, description="the name of the refusal")
    because: Label | None = Field(default=None, description="the refusal in one sentence")

    @model_validator(mode="after")
    def _refusal_has_its_name(self) -> Self:
        if (self.take_as == "refusal") != (self.code is not None and self.because is not None):
            raise fault("refusal_unnamed", _("A refusal needs code and because."))
        return self


class KindRule(RowTest):
    """What rows are for that sell no product; the first rule that fits decides."""

    kind: LineKind = Field(
        description="`shipping`, `tip`, `fee`, `gift_card`, `membership` or `product`"
    )


class ProductFile(Part):
    """A second file that knows the articles."""

    file: FileName = Field(description="its name, looked for beside the receipts")
    sku: Label = Field(description="the article's number")
    name: Label | None = Field(default=None, description="the article's name")
    brand: Label | None = Field(default=None, description="its brand")
    category: tuple[Label, ...] = Field(
        default=(), max_length=10, description="columns that make the category path, widest first"
    )


class ReceiptMapping(Part):
    """What a file of receipts looks like; docs/importing.md has every field."""

    source: Source = Field(
        description="where the receipts come from; a receipt is known by source and number"
    )
    channel: Channel = Field(default="store", description="the channel of every receipt")
    file: FileFormat = Field(default=FileFormat(), description="how the file is written")
    numbers: Numbers = Field(default=Numbers(), description="how numbers are written")
    receipt: Label = Field(
        description="the column of the receipt's number; its rows stand together"
    )
    occurred_at: Moment = Field(description="when the receipt was rung up")
    member: Customer | None = Field(
        default=None, description="who bought; without it everybody is a guest"
    )
    store: StoreColumn | None = Field(
        default=None, description="where; without it the store named on the command line"
    )
    line: LineColumns = Field(description="what was sold on one row")
    rows: Annotated[tuple[RowRule, ...], Field(max_length=50)] = Field(
        default=(), description="rows that are no plain sale"
    )
    kinds: Annotated[tuple[KindRule, ...], Field(max_length=50)] = Field(
        default=(), description="rows that sell no product"
    )
    below_zero: Literal["refuse", "spread"] = Field(
        default="refuse",
        description="what becomes of a sold row whose amount is negative: the receipt is refused, "
        "or the row counts as a discount spread over the other rows",
    )
    metadata: dict[Code, Label] = Field(
        default={}, description="names and columns to keep with the purchase"
    )
    products: ProductFile | None = Field(
        default=None, description="a second file that knows the articles"
    )

    def columns(self) -> list[str]:
        """Return every column the file must have, in the order of the mapping."""
        line = self.line
        single = (line.sku, line.name, line.brand, line.quantity, line.unit_price)
        wanted = [self.receipt, *self.occurred_at.columns]
        wanted += [place.column for place in (self.member, self.store) if place]
        wanted += [*filter(None, (*single, line.tax, line.unit_cost)), *line.category]
        wanted += [*line.amount, *line.less, *line.discount, *self.metadata.values()]
        wanted += [column for rule in (*self.rows, *self.kinds) for column in rule.cells]
        return list(dict.fromkeys(wanted))


def parse_mapping(data: object) -> ReceiptMapping:
    """Return the mapping that the data describes, or refuse it and name every fault."""
    try:
        return ReceiptMapping.model_validate(data)
    except ValidationError as error:
        raise MappingInvalid(errors=faults_of(error, data)) from error


def preset_names() -> list[str]:
    """Return the names of the mappings that come with the product."""
    return sorted(path.stem for path in PRESETS.glob("*.json"))


def load_mapping(name: str) -> ReceiptMapping:
    """Return a preset by its name, or the mapping in a JSON file."""
    path = PRESETS / f"{name}.json" if name in preset_names() else Path(name)
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise MappingInvalid(
            _("%(name)s is neither a preset nor a readable JSON file.") % {"name": name}
        ) from error
    return parse_mapping(data)
