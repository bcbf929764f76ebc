"""Receipts, rules and answers of the engine, said briefly."""

from datetime import UTC, datetime
from decimal import Decimal

from loyalty.earning.compiled import compile_rule
from loyalty.earning.engine import evaluate
from loyalty.earning.receipt import Earner, EarningPolicy, Line, Receipt
from loyalty.earning.vocabulary.parse import parse_rule

MONDAY_NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
ONE_PER_POUND = {"type": "points_per_amount", "points": 1, "per": "1"}
DOUBLE = {"type": "multiplier", "times": "2"}
GUEST = Earner()


def line(amount, *, number=1, quantity="1", **facts):
    return Line(number=number, quantity=Decimal(quantity), amount=Decimal(amount), **facts)


def coffee(amount, **facts):
    return line(amount, category=("Drinks", "Coffee"), **facts)


def cake(amount, **facts):
    return line(amount, category=("Bakery", "Cake"), **facts)


def receipt(
    *lines, paid_without_earning="0", local=MONDAY_NOON, store="main", channel="till", **facts
):
    return Receipt(
        occurred_at=local,
        local=local,
        store=store,
        channel=channel,
        lines=lines,
        total=sum((one.amount for one in lines), Decimal(0)),
        paid_without_earning=Decimal(paid_without_earning),
        **facts,
    )


def rule(effect=ONE_PER_POUND, *conditions, key="rule", **rest):
    data = {"trigger": {"type": "purchase"}, "effect": effect, "conditions": conditions, **rest}
    return compile_rule(parse_rule(data), key=key, version_key=f"{key}/1", name=key, version=1)


def fixed(points, **rest):
    return rule({"type": "fixed_points", "points": points}, **rest)


def bonus(points, *conditions, key="bonus", **stacking):
    effect = {"type": "fixed_points", "points": points}
    return rule(effect, *conditions, key=key, stacking={"stage": "bonus", **stacking})


def earn(sold, *rules, room=None, earner=GUEST, **policy):
    return evaluate(sold, earner, rules, EarningPolicy(**policy), room or {})


def why(given):
    return [reason.code for reason in given.why]
