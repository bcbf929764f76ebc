"""Turns the rows of one receipt into what was sold and what came back, or says why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ZERO
from loyalty.earning.matching import Goods
from loyalty.importing.cells import exact_amount, moment_reader, text_of
from loyalty.importing.goods import RowReader, Taken, spread_below_zero
from loyalty.importing.grouping import LINES_MAX
from loyalty.importing.reasons import Unfit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from loyalty.earning.receipt import Line
    from loyalty.importing.catalog import Article
    from loyalty.importing.grouping import Group
    from loyalty.importing.mapping import ReceiptMapping
    from loyalty.importing.reading import Table

NUMBER_MAX = 128
CUSTOMER_MAX = 64
STORE_MAX = 32
METADATA_MAX = 200


class RowRefusal(NamedTuple):
    """A row that is not taken; a fault is something the mapping does not account for."""

    row: int
    receipt: str
    code: str
    message: str
    is_fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What all rows of a receipt say together."""

    moment: datetime
    member: str | None
    store: str | None
    metadata: dict[str, str]


@dataclass(slots=True)
class ReceiptRead:
    """One receipt of the file: the lines sold, the goods that came back, and the rows refused."""

    number: str
    rows: int
    head: Head | None = None
    sold: list[Line] = field(default_factory=list)
    sold_rows: list[int] = field(default_factory=list)
    discounts: dict[int, Decimal] = field(default_factory=dict)
    back: list[Goods] = field(default_factory=list)
    back_rows: list[int] = field(default_factory=list)
    refused: list[RowRefusal] = field(default_factory=list)


class ReceiptReader:
    """Reads receipts of one file by its mapping."""

    def __init__(
        self, mapping: ReceiptMapping, table: Table, articles: Mapping[str, Article]
    ) -> None:
        self._mapping = mapping
        self._goods = RowReader(mapping, table, articles)
        self._moment = moment_reader(mapping.occurred_at)
        self._moments = [table.position(column) for column in mapping.occurred_at.columns]
        self._member = None if mapping.member is None else table.position(mapping.member.column)
        self._store = None if mapping.store is None else table.position(mapping.store.column)
        self._guests = {"", *(mapping.member.guests if mapping.member else ())}
        self._metadata = {name: table.position(at) for name, at in mapping.metadata.items()}

    def read(self, group: Group) -> ReceiptRead:
        """Return the receipt; when one of its rows is faulty, all are refused."""
        receipt = ReceiptRead(group.number, len(group.rows))
        faults: dict[int, Unfit] = {}
        try:
            receipt.number = _number(group)
            for row, cells in group.rows:
                try:
                    taken = self._goods.take(cells, receipt.number, len(receipt.sold) + 1)
                    self._sort_in(receipt, row, taken)
                except Unfit as unfit:
                    faults[row] = unfit
            if not faults:
                receipt.head = self._head(group)
                self._settle_negative(receipt)
                _refuse_too_much(receipt)
        except Unfit as unfit:
            faults = dict.fromkeys([row for row, _cells in group.rows], unfit)
        return _refused(group, faults) if faults else receipt

    def _sort_in(self, receipt: ReceiptRead, row: int, taken: Taken) -> None:
        line, discount, rule = taken
        if rule is None or rule.take_as == "sale":
            if line.quantity < ZERO:
                raise Unfit("negative_quantity")
            if line.amount < ZERO and self._mapping.below_zero == "refuse":
                raise Unfit("negative_amount")
            receipt.sold.append(line)
            receipt.sold_rows.append(row)
            if discount > ZERO:
                receipt.discounts[line.number] = discount
        elif rule.take_as == "return":
            receipt.back.append(Goods(line.sku or "", abs(line.quantity), abs(line.amount)))
            receipt.back_rows.append(row)
        else:
            code, because = rule.code or "", rule.because or ""
            refusal = RowRefusal(row, receipt.number, code, because, is_fault=False)
            receipt.refused.append(refusal)

    def _settle_negative(self, receipt: ReceiptRead) -> None:
        receipt.sold, receipt.discounts = spread_below_zero(
            receipt.sold, receipt.discounts, round_to=self._mapping.numbers.round_to
        )

    def _head(self, group: Group) -> Head:
        cells = [cells for _row, cells in group.rows]
        member = _agreed(cells, self._member, "members_differ")
        store = _agreed(cells, self._store, "stores_differ")
        moments = {" ".join([row[at] for at in self._moments]) for row in cells}
        return Head(
            moment=min([self._moment(text) for text in moments], key=_wall_clock),
            member=None if member in self._guests else text_of(member, CUSTOMER_MAX),
            store=None if self._store is None else text_of(store, STORE_MAX),
            metadata=self._kept(cells[0]),
        )

    def _kept(self, cells: Sequence[str]) -> dict[str, str]:
        kept = {name: text_of(cells[at], METADATA_MAX) for name, at in self._metadata.items()}
        return {name: text for name, text in kept.items() if text}


def _refuse_too_much(receipt: ReceiptRead) -> None:
    """Refuse a receipt that comes to more than can be kept, though each of its lines can."""
    exact_amount(sum([line.amount for line in receipt.sold], ZERO), None)
    exact_amount(sum([goods.amount for goods in receipt.back], ZERO), None)


def _number(group: Group) -> str:
    if len(group.rows) > LINES_MAX:
        raise Unfit("too_many_lines", max=LINES_MAX)
    number = text_of(group.number, NUMBER_MAX)
    if not number:
        raise Unfit("receipt_missing")
    return number


def _wall_clock(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _agreed(rows: Sequence[Sequence[str]], column: int | None, code: str) -> str:
    if column is None:
        return ""
    named = {cells[column].strip() for cells in rows}
    if len(named) > 1:
        raise Unfit(code)
    return named.pop()


def _refused(group: Group, faults: Mapping[int, Unfit]) -> ReceiptRead:
    """Refuse every row: the faulty ones by their own reason, the others for being incomplete."""
    incomplete = Unfit("incomplete")
    number = "".join(filter(str.isprintable, group.number))[:NUMBER_MAX]
    refused = [
        RowRefusal(row, number, reason.code, reason.message, reason.is_fault)
        for row, reason in ((row, faults.get(row, incomplete)) for row, _cells in group.rows)
    ]
    return ReceiptRead(number, len(group.rows), refused=refused)
