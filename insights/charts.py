"""Where the bars of a chart stand: pure geometry in a box of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 600, 180
FILLED = 0.7  # of the room between one group of bars and the next

Value = Decimal | int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``series`` counts from 1 and chooses its color."""

    series: int
    x: float
    y: float
    width: float
    height: float


def bars(groups: Sequence[Sequence[Value]], top: Value, *, stacked: bool) -> list[Bar]:
    """Return the bars of each group, on top of one another or side by side, up to ``top``."""
    room = WIDTH / max(len(groups), 1)
    draw = _stacked if stacked else _beside
    left = room * (1 - FILLED) / 2
    return [
        bar
        for number, group in enumerate(groups)
        for bar in draw(group, top, number * room + left, room * FILLED)
    ]


def _stacked(group: Sequence[Value], top: Value, x: float, width: float) -> list[Bar]:
    floor = float(HEIGHT)
    drawn = []
    for series, value in enumerate(group, start=1):
        height = _height(value, top)
        floor -= height
        drawn.append(Bar(series, round(x, 1), round(floor, 1), round(width, 1), height))
    return drawn


def _beside(group: Sequence[Value], top: Value, x: float, width: float) -> list[Bar]:
    each = width / max(len(group), 1)
    heights = [_height(value, top) for value in group]
    return [
        Bar(n, round(x + (n - 1) * each, 1), round(HEIGHT - height, 1), round(each, 1), height)
        for n, height in enumerate(heights, start=1)
    ]


def _height(value: Value, top: Value) -> float:
    return round(float(max(value, 0)) * HEIGHT / float(top), 1) if top else 0.0
