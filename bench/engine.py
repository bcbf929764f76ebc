"""How many receipts one core explains in a second, with 1, 10 and 50 live rules.

The mix that counts has ten rules of which three match, and receipts of five lines.

The same receipts are also walked by a bare loop that only multiplies each line by a rate; the
ratio of the two travels between machines better than the rate itself does.

    python -m bench.engine [seconds]
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from time import process_time
from typing import TYPE_CHECKING, Any

from loyalty.earning.compiled import CompiledRule, compile_rule
from loyalty.earning.engine import evaluate
from loyalty.earning.receipt import Earner, EarningPolicy, Line, Receipt
from loyalty.earning.vocabulary.parse import parse_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TEN = 10  # the rules of the mix
RULES = (1, TEN, 50)
MONDAY_MORNING = datetime(2026, 7, 6, 8, 30, tzinfo=UTC)
CATEGORIES = (
    ("Drinks", "Coffee"),
    ("Drinks", "Tea"),
    ("Bakery", "Bread"),
    ("Bakery", "Cake"),
    ("Home", "Cups"),
)
BASE = {"type": "points_per_amount", "points": 1, "per": "1"}
DOUBLE = {"type": "multiplier", "times": "2"}
BONUS = {"type": "fixed_points", "points": 50}
PER_UNIT = {"type": "points_per_unit", "points": 5}

MATCHING = [
    (BASE, []),
    (DOUBLE, [{"type": "category", "categories": ["Coffee"]}]),
    (BONUS, [{"type": "minimum_amount", "amount": "10"}]),
]
NOT_MATCHING = [
    (BONUS, [{"type": "store", "stores": ["harbor", "airport"]}]),
    (BONUS, [{"type": "channel", "channels": ["online"]}]),
    (DOUBLE, [{"type": "weekdays_and_hours", "weekdays": ["saturday", "sunday"]}]),
    (DOUBLE, [{"type": "dates", "from": "2026-12-01", "until": "2026-12-31"}]),
    (PER_UNIT, [{"type": "category", "categories": ["Wine", "Beer"]}]),
    (PER_UNIT, [{"type": "brand", "brands": ["Nobody"]}]),
    (BONUS, [{"type": "minimum_amount", "amount": "500"}]),
]


def rules(count: int = 10) -> list[CompiledRule]:
    """Return so many rules, in the proportions of the mix; the first gives the base points."""
    chosen = islice(cycle([*MATCHING, *NOT_MATCHING]), count)
    return [
        _rule(number, effect, conditions)
        for number, (effect, conditions) in enumerate(chosen, start=1)
    ]


def _rule(number: int, effect: dict[str, Any], conditions: list[dict[str, Any]]) -> CompiledRule:
    stage = "bonus" if effect in (BONUS, PER_UNIT) else None
    data = {
        "trigger": {"type": "purchase"},
        "effect": effect,
        "conditions": conditions,
        "stacking": {"stage": stage},
    }
    return compile_rule(
        parse_rule(data), key=number, version_key=number, name=f"Rule {number}", version=1
    )


def receipts(count: int = 200) -> list[Receipt]:
    """Return receipts of five lines, each one different."""
    return [_receipt(number) for number in range(count)]


def _receipt(number: int) -> Receipt:
    moment = MONDAY_MORNING + timedelta(seconds=number)
    lines = tuple(
        Line(
            number=position,
            sku=f"SKU-{(number * 5 + position) % 700}",
            brand=f"Brand {(number + position) % 40}",
            category=category,
            quantity=Decimal(1 + position % 3),
            amount=Decimal(199 + number * 7 % 500 + position * 13) / 100,
        )
        for position, category in enumerate(CATEGORIES, start=1)
    )
    total = sum((line.amount for line in lines), Decimal(0))
    return Receipt(
        occurred_at=moment, local=moment, store="main", channel="till", lines=lines, total=total
    )


def bare_loop(receipt: Receipt) -> int:
    """Multiply every line once for every rule, which no honest engine can undercut by much."""
    points = Decimal(0)
    for rate in range(10):
        for line in receipt.lines:
            points += line.amount * rate
    return int(points)


def per_second(work: Callable[[Receipt], object], mix: Sequence[Receipt], seconds: float) -> float:
    """Return how many receipts one core gets through in a second of its own time.

    The best of many short rounds counts: neighbors on the machine can only slow a round down.
    """
    best, ends = float("inf"), process_time() + seconds
    while process_time() < ends:
        started = process_time()
        for receipt in mix:
            work(receipt)
        best = min(best, process_time() - started)
    return len(mix) / best


def main(seconds: float) -> None:
    """Measure each number of rules and the bare loop in turn, and print the rates."""
    mix = receipts()
    print("rules  that match  receipts/s/core  bare loops per explained receipt")
    for count in RULES:
        engine, matched = _measured(rules(count), mix, seconds)
        bare = per_second(bare_loop, mix, seconds / 3)
        said = "   (floor 5,000, aim 12,000)" if count == TEN else ""
        print(f"{count:>5}  {matched:>10}  {engine:>15,.0f}  {bare / engine:>8.2f}{said}")


def _measured(
    live: Sequence[CompiledRule], mix: Sequence[Receipt], seconds: float
) -> tuple[float, int]:
    policy, earner = EarningPolicy(), Earner()

    def explained(receipt: Receipt) -> object:
        return evaluate(receipt, earner, live, policy)

    matched = max(len(evaluate(receipt, earner, live, policy).awards) for receipt in mix)
    return per_second(explained, mix, seconds), matched


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
