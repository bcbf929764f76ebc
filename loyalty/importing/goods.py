"""What a row of a file says was sold or came back, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from loyalty.earning.receipt import Line, LineKind
from loyalty.earning.spread import largest_remainder
from loyalty.importing.catalog import UNKNOWN, Article
from loyalty.importing.cells import (
    BRAND_MAX,
    CATEGORY_MAX,
    NAME_MAX,
    SKU_MAX,
    Unfit,
    exact_amount,
    exact_quantity,
    number_reader,
    text_of,
)
from loyalty.importing.rules import Decider, Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loyalty.importing.mapping import ReceiptMapping, RowRule
    from loyalty.importing.reading import Table

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Taken:
    """One row, understood: the line it makes and the rule that decided, if one did."""

    line: Line
    discount: Decimal
    rule: RowRule | None


class RowReader:
    """Reads the goods of rows, one by one."""

    def __init__(
        self, mapping: ReceiptMapping, table: Table, articles: Mapping[str, Article]
    ) -> None:
        places = {column: table.position(column) for column in mapping.columns()}
        line = mapping.line
        self._width = len(table.header)
        self._round_to = mapping.numbers.round_to
        self._number = number_reader(mapping.numbers)
        self._sku, self._name, self._brand, self._quantity, self._price = (
            None if column is None else places[column]
            for column in (line.sku, line.name, line.brand, line.quantity, line.unit_price)
        )
        self._tax = None if line.tax is None else places[line.tax]
        self._unit_cost = None if line.unit_cost is None else places[line.unit_cost]
        self._category = [places[column] for column in line.category]
        self._amount = [places[column] for column in line.amount]
        self._less = [places[column] for column in line.less]
        self._discount = [places[column] for column in line.discount]
        self._articles = articles
        self._rows = Decider(mapping.rows, places)
        self._kinds = Decider(mapping.kinds, places)

    def take(self, cells: Sequence[str], receipt: str, number: int) -> Taken:
        """Return what the row says; refuse one that cannot be understood."""
        if len(cells) != self._width:
            raise Unfit(
                "ragged_row",
                _("The row has %(cells)s cells and the header %(columns)s.")
                % {"cells": len(cells), "columns": self._width},
            )
        sku = "" if self._sku is None else text_of(cells[self._sku], SKU_MAX)
        quantity = ONE
        if self._quantity is not None:
            quantity = exact_quantity(self._number(cells[self._quantity]))
        amount = exact_amount(self._paid(cells, quantity), self._round_to)
        facts = Facts(receipt, sku, quantity, amount, cells)
        return Taken(
            self._line(facts, number),
            self._rounded_sum(cells, self._discount),
            self._rows.first(facts),
        )

    def _paid(self, cells: Sequence[str], quantity: Decimal) -> Decimal:
        if self._price is None:
            full = self._sum(cells, self._amount)
        else:
            full = quantity * self._number(cells[self._price])
        return full - self._sum(cells, self._less) if self._less else full

    def _sum(self, cells: Sequence[str], columns: Sequence[int]) -> Decimal:
        return sum([self._optional(cells, column) for column in columns], ZERO)

    def _optional(self, cells: Sequence[str], column: int) -> Decimal:
        return self._number(cells[column]) if cells[column].strip() else ZERO

    def _rounded_sum(self, cells: Sequence[str], columns: Sequence[int]) -> Decimal:
        if not columns:
            return ZERO
        return exact_amount(self._sum(cells, columns), self._round_to)

    def _line(self, facts: Facts, number: int) -> Line:
        kind = self._kinds.first(facts)
        name, brand, category = self._described(facts)
        return Line(
            number=number,
            sku=facts.sku or None,
            name=name,
            brand=brand or None,
            category=category,
            kind=LineKind.PRODUCT if kind is None else kind.kind,
            quantity=facts.quantity,
            amount=facts.amount,
            tax=self._money(facts.cells, self._tax),
            unit_cost=self._money(facts.cells, self._unit_cost),
        )

    def _described(self, facts: Facts) -> Article:
        name, brand, category = self._articles.get(facts.sku, UNKNOWN)
        cells = facts.cells
        if self._name is not None:
            name = text_of(cells[self._name], NAME_MAX)
        if self._brand is not None:
            brand = text_of(cells[self._brand], BRAND_MAX)
        if self._category:
            steps = [text_of(cells[column], CATEGORY_MAX) for column in self._category]
            category = tuple(filter(None, steps))
        return Article(name, brand, category)

    def _money(self, cells: Sequence[str], column: int | None) -> Decimal | None:
        if column is None or not cells[column].strip():
            return None
        return exact_amount(self._number(cells[column]), self._round_to)


def spread_below_zero(
    lines: Sequence[Line], discounts: Mapping[int, Decimal], *, round_to: int | None
) -> tuple[list[Line], dict[int, Decimal]]:
    """Let negative lines count as a discount on the others; discounts follow the money.

    Refuses a receipt that would cost less than nothing.
    """
    over = -sum([line.amount for line in lines if line.amount < 0], ZERO)
    if not over:
        return list(lines), dict(discounts)
    if over > sum([line.amount for line in lines if line.amount > 0], ZERO):
        raise Unfit("below_zero", _("The discounts are larger than the receipt."))
    step = Decimal(1).scaleb(-3 if round_to is None else -round_to)
    weights = [max(line.amount, ZERO) for line in lines]
    shares = [coins * step for coins in largest_remainder(int(over / step), weights)]
    made = [
        replace(line, amount=max(line.amount, ZERO) - share)
        for line, share in zip(lines, shares, strict=True)
    ]
    moved = {
        line.number: discounts.get(line.number, ZERO) + line.amount - after.amount
        for line, after in zip(lines, made, strict=True)
    }
    return made, {number: max(discount, ZERO) for number, discount in moved.items() if discount}
