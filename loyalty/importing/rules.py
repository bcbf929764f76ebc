"""Decides by the mapping's tests how a row is taken and what it sells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from loyalty.importing.mapping import RowTest

REMEMBERED_MAX = 65_536


class Facts(NamedTuple):
    """What the tests may ask about a row."""

    receipt: str
    sku: str
    quantity: str
    amount: str
    cells: Sequence[str]


Test = Callable[[Facts], bool]
RuleT = TypeVar("RuleT", bound=RowTest)


class Decider(Generic[RuleT]):
    """Rules made ready to run, of which the first that fits decides.

    Rows alike in all that the rules ask about are decided alike, so a decision is remembered.
    """

    def __init__(self, rules: Iterable[RuleT], positions: Mapping[str, int]) -> None:
        self._rules = [(rule, _tests(rule, positions)) for rule in rules]
        asked = {name for rule, _tests_ in self._rules for name in _asked(rule)}
        self._likeness: Callable[[Facts], Any] | None = None
        if asked and "cells" not in asked:
            self._likeness = attrgetter(*sorted(asked))
        self._decided: dict[Any, RuleT | None] = {}

    def first(self, facts: Facts) -> RuleT | None:
        """Return the first rule all of whose tests hold for the row."""
        if self._likeness is None:
            return self._first(facts) if self._rules else None
        key = self._likeness(facts)
        if key not in self._decided:
            if len(self._decided) >= REMEMBERED_MAX:
                self._decided.clear()
            self._decided[key] = self._first(facts)
        return self._decided[key]

    def _first(self, facts: Facts) -> RuleT | None:
        for rule, tests in self._rules:
            if all(test(facts) for test in tests):
                return rule
        return None


def sign_of(value: Decimal) -> str:
    """Return how the tests call the sign of a number."""
    if not value:
        return "zero"
    return "positive" if value > 0 else "negative"


def _asked(rule: RowTest) -> Iterable[str]:
    asked = {
        "receipt": rule.receipt_starts_with,
        "sku": rule.sku or rule.sku_starts_with,
        "quantity": rule.quantity,
        "amount": rule.amount,
        "cells": rule.cells,
    }
    return [name for name, test in asked.items() if test]


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
    return lambda facts: facts.quantity == sign


def _amount_is(sign: str | None) -> Test | None:
    if sign is None:
        return None
    return lambda facts: facts.amount == sign


def _cell_is(position: int, values: tuple[str, ...]) -> Test:
    known = frozenset(values)
    return lambda facts: facts.cells[position].strip() in known
