"""What a row of a file says was sold or came back, in numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from loyalty.earning.receipt import Line, LineKind
from loyalty.earning.spread import largest_remainder
from loyalty.importing.catalog import UNKNOWN, Article
from loyalty.importing.cells import (
    BRAND_MAX,
    CATEGORY_MAX,
    NAME_MAX,
    SKU_MAX,
    exact_amount,
    exact_quantity,
    number_reader,
    text_of,
)
from loyalty.importing.reasons import Unfit
from loyalty.importing.rules import REMEMBERED_MAX, Decider, Facts, sign_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from loyalty.importing.mapping import ReceiptMapping, RowRule
    from loyalty.importing.reading import Table

ONE = Decimal(1)
ZERO = Decimal(0)


class Figures(NamedTuple):
    """The numbers of one row."""

    quantity: Decimal
    amount: Decimal
    discount: Decimal
    tax: Decimal | None
    unit_cost: Decimal | None


class Taken(NamedTuple):
    """One row, understood: the line it makes and the rule that decided, if one did."""

    line: Line
    discount: Decimal
    rule: RowRule | None


class Named(NamedTuple):
    """What a row calls its article, as its line keeps it."""

    sku: str | None
    name: str
    brand: str | None
    category: tuple[str, ...]


class RowReader:
    """Reads the goods of rows, one by one; rows repeat, so their parts are remembered."""

    def __init__(
        self, mapping: ReceiptMapping, table: Table, articles: Mapping[str, Article]
    ) -> None:
        self._width = len(table.header)
        self._figures = FigureReader(mapping, table)
        self._articles = ArticleReader(mapping, table, articles)
        places = {column: table.position(column) for column in mapping.columns()}
        self._rows = Decider(mapping.rows, places)
        self._kinds = Decider(mapping.kinds, places)
        self._decides = bool(mapping.rows or mapping.kinds)

    def take(self, cells: Sequence[str], receipt: str, number: int) -> Taken:
        """Return what the row says; refuse one that cannot be understood."""
        if len(cells) != self._width:
            raise Unfit("ragged_row", cells=len(cells), columns=self._width)
        quantity, amount, discount, tax, unit_cost = self._figures.read(cells)
        sku, name, brand, category = self._articles.read(cells)
        kind, rule = LineKind.PRODUCT, None
        if self._decides:
            facts = Facts(receipt, sku or "", sign_of(quantity), sign_of(amount), cells)
            found, rule = self._kinds.first(facts), self._rows.first(facts)
            kind = found.kind if found is not None else kind
        line = Line(number, quantity, amount, name, sku, brand, category, kind, tax, unit_cost)
        return Taken(line, discount, rule)


class FigureReader:
    """Reads the numbers of rows."""

    def __init__(self, mapping: ReceiptMapping, table: Table) -> None:
        line = mapping.line
        self._round_to = mapping.numbers.round_to
        self._number = number_reader(mapping.numbers)
        single = (line.quantity, line.unit_price, line.tax, line.unit_cost)
        self._columns = [None if name is None else table.position(name) for name in single]
        self._sums = [
            [table.position(name) for name in names]
            for names in (line.amount, line.less, line.discount)
        ]
        used = [at for at in (*self._columns, *chain(*self._sums)) if at is not None]
        self._texts = texts_at(used)
        self._known: dict[Any, Figures] = {}

    def read(self, cells: Sequence[str]) -> Figures:
        """Return the row's numbers; refuse what is none, or cannot be kept exactly."""
        texts = self._texts(cells)
        figures = self._known.get(texts)
        if figures is None:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            figures = self._known[texts] = self._read(cells)
        return figures

    def _read(self, cells: Sequence[str]) -> Figures:
        at_quantity, at_price, at_tax, at_cost = self._columns
        at_amount, at_less, at_discount = self._sums
        quantity = ONE if at_quantity is None else exact_quantity(self._number(cells[at_quantity]))
        full = self._sum(cells, at_amount)
        if at_price is not None:
            full = quantity * self._number(cells[at_price])
        return Figures(
            quantity=quantity,
            amount=exact_amount(full - self._sum(cells, at_less), self._round_to),
            discount=exact_amount(self._sum(cells, at_discount), self._round_to),
            tax=self._optional(cells, at_tax),
            unit_cost=self._optional(cells, at_cost),
        )

    def _sum(self, cells: Sequence[str], columns: Sequence[int]) -> Decimal:
        filled = [cells[column] for column in columns if cells[column].strip()]
        return sum(map(self._number, filled), ZERO)

    def _optional(self, cells: Sequence[str], column: int | None) -> Decimal | None:
        if column is None or not cells[column].strip():
            return None
        return exact_amount(self._number(cells[column]), self._round_to)


class ArticleReader:
    """Reads which article a row is about, from its own cells or from the file of products."""

    def __init__(
        self, mapping: ReceiptMapping, table: Table, articles: Mapping[str, Article]
    ) -> None:
        line = mapping.line
        self._sku, self._name, self._brand = (
            None if name is None else table.position(name)
            for name in (line.sku, line.name, line.brand)
        )
        self._category = [table.position(name) for name in line.category]
        self._articles = articles
        used = [self._sku, self._name, self._brand, *self._category]
        self._texts = texts_at([at for at in used if at is not None])
        self._known: dict[Any, Named] = {}

    def read(self, cells: Sequence[str]) -> Named:
        """Return the article's number and what is known of it."""
        texts = self._texts(cells)
        named = self._known.get(texts)
        if named is None:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            named = self._known[texts] = self._read(cells)
        return named

    def _read(self, cells: Sequence[str]) -> Named:
        sku = "" if self._sku is None else text_of(cells[self._sku], SKU_MAX)
        name, brand, category = self._articles.get(sku, UNKNOWN)
        if self._name is not None:
            name = text_of(cells[self._name], NAME_MAX)
        if self._brand is not None:
            brand = text_of(cells[self._brand], BRAND_MAX)
        if self._category:
            steps = [text_of(cells[column], CATEGORY_MAX) for column in self._category]
            category = tuple(filter(None, steps))
        return Named(sku or None, name, brand or None, category)


def texts_at(places: Sequence[int]) -> Callable[[Sequence[str]], Any]:
    """Return what picks these cells of a row, by which rows are recognized as alike."""
    return itemgetter(*places) if places else lambda _cells: ()


def spread_below_zero(
    lines: Sequence[Line], discounts: Mapping[int, Decimal], *, round_to: int | None
) -> tuple[list[Line], dict[int, Decimal]]:
    """Let negative lines count as a discount on the others; discounts follow the money.

    Refuses a receipt that would cost less than nothing.
    """
    over = -sum([line.amount for line in lines if line.amount < ZERO], ZERO)
    if not over:
        return list(lines), dict(discounts)
    if over > sum([line.amount for line in lines if line.amount > 0], ZERO):
        raise Unfit("below_zero")
    step = Decimal(1).scaleb(-3 if round_to is None else -round_to)
    weights = [max(line.amount, ZERO) for line in lines]
    shares = [coins * step for coins in largest_remainder(int(over / step), weights)]
    made = [
        line._replace(amount=max(line.amount, ZERO) - share)
        for line, share in zip(lines, shares, strict=True)
    ]
    moved = {
        line.number: discounts.get(line.number, ZERO) + line.amount - after.amount
        for line, after in zip(lines, made, strict=True)
    }
    return made, {number: max(discount, ZERO) for number, discount in moved.items() if discount}
