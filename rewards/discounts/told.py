"""What was taken off as answers and records tell it, whether just now or long ago."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from loyalty.earning.exact import plain
from loyalty.earning.explain import stored
from loyalty.earning.reasons import Reason
from rewards.discounts.reckoning import OffLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rewards.discounts.reckoning import Discounted


class TakenOff(NamedTuple):
    """A discount: what kind of source it has and which, and what it took off each line."""

    kind: str
    source: str
    name: str
    amount: Decimal
    lines: tuple[OffLine, ...]
    why: tuple[Reason, ...]


class LeftOut(NamedTuple):
    """A source that took nothing off, and why."""

    kind: str
    source: str
    name: str
    why: tuple[Reason, ...]


def discounts_in(done: Discounted) -> list[TakenOff]:
    """Return what was taken off."""
    return [
        TakenOff(one.source.id.kind, one.source.id.key, one.source.name, *one[1:])
        for one in done.discounts
    ]


def left_out_of(done: Discounted) -> list[LeftOut]:
    """Return what was not."""
    return [
        LeftOut(one.source.id.kind, one.source.id.key, one.source.name, one.why)
        for one in done.unused
    ]


def lines_as_json(lines: Iterable[OffLine]) -> list[list[Any]]:
    """Return parts of a discount as they are kept."""
    return [[part.number, plain(part.amount)] for part in lines]


def lines_from_json(kept: Iterable[Any]) -> tuple[OffLine, ...]:
    """Return parts of a discount out of storage."""
    return tuple(OffLine(number, Decimal(amount)) for number, amount in kept)


def why_as_json(why: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they are kept, without words."""
    return [stored(reason) for reason in why]


def why_from_json(kept: Iterable[Any]) -> tuple[Reason, ...]:
    """Return reasons out of storage."""
    return tuple(Reason(one["code"], one["params"]) for one in kept)
