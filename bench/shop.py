"""The shop that is measured: its program of ten rules, its goods, and what its tills send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.engine import BONUS, DOUBLE, MATCHING, PER_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

SLUG = "bench"
STORE = "main"
PHONES_MAX = 1_000_000
PRODUCTS = 500
CATEGORIES = (
    ("Drinks", "Coffee"),
    ("Drinks", "Tea"),
    ("Bakery", "Bread"),
    ("Bakery", "Cake"),
    ("Home", "Cups"),
)
NEVER_MATCHING = [
    (BONUS, [{"type": "channel", "channels": ["online"]}]),
    (BONUS, [{"type": "channel", "channels": ["phone", "app"]}]),
    (DOUBLE, [{"type": "dates", "from": "2020-12-01", "until": "2020-12-31"}]),
    (DOUBLE, [{"type": "category", "categories": ["Sausage"]}]),
    (PER_UNIT, [{"type": "category", "categories": ["Wine", "Beer"]}]),
    (PER_UNIT, [{"type": "brand", "brands": ["Nobody"]}]),
    (BONUS, [{"type": "minimum_amount", "amount": "500"}]),
]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it goes over the wire, but for its headers."""

    method: str
    path: str
    body: bytes = b""
    key: str = ""


def phone(number: int) -> str:
    """Return the phone number of a member; there are a million of them."""
    return f"+447400{number:06d}"


def sku(number: int) -> str:
    """Return the SKU of a product."""
    return f"SKU-{number % PRODUCTS:04d}"


def program() -> dict[str, Any]:
    """Return the program file: ten rules that are on, of which three match."""
    return {
        "format": 1,
        "program": {"slug": "main", "name": "Bench", "status": "live"},
        "rules": [
            _rule(number, effect, conditions)
            for number, (effect, conditions) in enumerate([*MATCHING, *NEVER_MATCHING])
        ],
    }


def earning(run: str, members: int, first: int, *, hot: bool = False) -> Iterator[Call]:
    """Return the receipts of a round, three lines each, each under a number and key of its own."""
    number = first
    while True:
        number += 1
        who = 0 if hot else (number * 7_919) % members
        receipt = {
            "external_id": f"{run}-{number:09d}",
            "store": STORE,
            "member": phone(who),
            "lines": [_line(number + place, place) for place in range(3)],
        }
        body = json.dumps(receipt, separators=(",", ":")).encode()
        yield Call("POST", "/api/v1/purchases/", body, key=f"bench-{run}-{number:09d}")


def looking_up(members: int, first: int) -> Iterator[Call]:
    """Return the questions of a round, each for another member."""
    number = first
    while True:
        number += 1
        sign = phone((number * 7_919) % members).replace("+", "%2B")
        yield Call("GET", f"/api/v1/members/?phone={sign}")


def _line(number: int, place: int) -> dict[str, Any]:
    return {
        "sku": sku(number),
        "name": f"Product {number % PRODUCTS}",
        "brand": f"Brand {number % 40}",
        "category": list(CATEGORIES[place * 2]),
        "quantity": str(1 + place),
        "unit_price": f"{3 + number % 7}.{number % 100:02d}",
    }


def _rule(number: int, effect: dict[str, Any], conditions: list[dict[str, Any]]) -> dict[str, Any]:
    stage = "bonus" if effect in (BONUS, PER_UNIT) else None
    spec = {
        "trigger": {"type": "purchase"},
        "effect": effect,
        "conditions": conditions,
        "stacking": {"stage": stage},
    }
    return {
        "code": "base" if number == 0 else f"rule-{number}",
        "name": f"Rule {number}",
        "status": "active",
        "versions": [{"effective_from": "2000-01-01T00:00:00Z", "spec": spec}],
    }
