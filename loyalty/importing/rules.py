"""Decides by the mapping's tests how a row is taken and what it sells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from loyalty.importing.mapping import RowTest


class Facts(NamedTuple):
    """What the tests may ask about a row."""

    receipt: str
    sku: str
    quantity: Decimal
    amount: Decimal
    cells: Sequence[str]


Test = Callable[[Facts], bool]
RuleT = TypeVar("RuleT", bound=RowTest)

_SIGNS = {"negative": -1, "zero": 0, "positive": 1}


class Decider(Generic[RuleT]):
    """Rules made ready to run, of which the first that fits decides."""

    def __init__(self, rules: Iterable[RuleT], positions: Mapping[str, int]) -> None:
        self._rules = [(rule, _tests(rule, positions)) for rule in rules]

    def first(self, facts: Facts) -> RuleT | None:
        """Return the first rule all of whose tests hold for the row."""
        for rule, tests in self._rules:
            if all(test(facts) for test in tests):
                return rule
        return None


def _tests(rule: RowTest, positions: Mapping[str, int]) -> list[Test]:
    asked: list[Test | None] = [
        _receipt_starts(rule.receipt_starts_with),
        _sku_is(rule.sku),
        _sku_starts(rule.sku_starts_with),
        _quantity_is(rule.quantity),
        _amount_is(rule.amount),
        *(_cell_is(positions[column], values) for column, values in rule.cells.items()),
    ]
    return [test for test in asked if test is not None]


def _receipt_starts(starts: tuple[str, ...] | None) -> Test | None:
    if starts is None:
        return None
    return lambda facts: facts.receipt.startswith(starts)


def _sku_is(skus: tuple[str, ...] | None) -> Test | None:
    if skus is None:
        return None
    known = frozenset(skus)
    return lambda facts: facts.sku in known


def _sku_starts(starts: tuple[str, ...] | None) -> Test | None:
    if starts is None:
        return None
    return lambda facts: facts.sku.startswith(starts)


def _quantity_is(sign: str | None) -> Test | None:
    if sign is None:
        return None
    wanted = _SIGNS[sign]
    return lambda facts: _sign(facts.quantity) == wanted


def _amount_is(sign: str | None) -> Test | None:
    if sign is None:
        return None
    wanted = _SIGNS[sign]
    return lambda facts: _sign(facts.amount) == wanted


def _cell_is(position: int, values: tuple[str, ...]) -> Test:
    known = frozenset(values)
    return lambda facts: facts.cells[position].strip() in known


def _sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)
