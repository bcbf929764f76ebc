"""The one table: every rate beside what it is compared with, and the goal beside the ratio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bench.client import Round
from bench.rounds import (
    EARN,
    EARN_EMPTY,
    EARN_HOT,
    EARN_ORM,
    EARN_PGBENCH,
    LOOK_UP,
    LOOK_UP_EMPTY,
    LOOK_UP_ORM,
    LOOK_UP_PGBENCH,
)

EXPIRY, EXPIRY_AT_ONCE = "expiry, in chunks", "expiry, one statement"
IMPORT, REIMPORT = "import, lines", "re-import, lines"
HEAD = ("work", "per second", "p50 ms", "p99 ms", "errors", "compared with", "is", "goal", "")

Rounds: TypeAlias = Mapping[str, Round]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at least the floor, better the aim; or at most the limit."""

    floor: float | None = None
    aim: float | None = None
    limit: float | None = None

    def verdict(self, figure: float) -> str:
        """Say whether the figure meets the goal."""
        if self.limit is not None:
            return "met" if figure <= self.limit else "missed"
        if self.floor is None or figure < self.floor:
            return "" if self.floor is None else "missed"
        return "aim met" if self.aim is not None and figure >= self.aim else "met"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One kind of work measured against another."""

    work: str
    beside: str
    goal: Goal = Goal()
    times: bool = False

    def figure(self, rounds: Rounds) -> float:
        """Return how many times the other rate this one is."""
        other = rounds[self.beside].rate
        return rounds[self.work].rate / other if other else 0.0


RATIOS = (
    Ratio(EARN, EARN_PGBENCH, Goal(0.06, 0.12)),
    Ratio(EARN_ORM, EARN_PGBENCH),
    Ratio(EARN_HOT, EARN, Goal(0.60)),
    Ratio(EARN, EARN_EMPTY, Goal(0.90)),
    Ratio(LOOK_UP, LOOK_UP_PGBENCH, Goal(0.025, 0.04)),
    Ratio(LOOK_UP_ORM, LOOK_UP_PGBENCH),
    Ratio(LOOK_UP, LOOK_UP_EMPTY, Goal(0.90)),
    Ratio(EXPIRY, EXPIRY_AT_ONCE, Goal(0.50)),
    Ratio(REIMPORT, IMPORT, Goal(5.0), times=True),
)
SLOWEST = ((EARN, Goal(limit=100.0)), (LOOK_UP, Goal(limit=50.0)))
LEAST_RATES = ((IMPORT, Goal(15_000.0)),)


def table(rounds: Rounds) -> list[str]:
    """Return the lines of the table; what was not measured has none."""
    rows = [HEAD, *_rows(rounds)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return [
        "  ".join(
            cell.rjust(width) if 1 <= column <= 4 or column == 6 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def missed(rounds: Rounds) -> list[str]:
    """Name the work whose goal was missed, and all work that met an error."""
    late = [row[0] for row in _rows(rounds) if row[-1] == "missed"]
    return late + [f"{name}: {done.said}" for name, done in rounds.items() if done.errors]


def _rows(rounds: Rounds) -> list[tuple[str, ...]]:
    ratios = [
        _ratio_row(one, rounds) for one in RATIOS if one.work in rounds and one.beside in rounds
    ]
    slowest = [_p99_row(name, goal, rounds) for name, goal in SLOWEST if name in rounds]
    least = [_rate_row(name, goal, rounds) for name, goal in LEAST_RATES if name in rounds]
    return [*ratios, *slowest, *least]


def _ratio_row(ratio: Ratio, rounds: Rounds) -> tuple[str, ...]:
    figure, written = ratio.figure(rounds), _times if ratio.times else _share
    beside = f"{ratio.beside} ({rounds[ratio.beside].rate:,.0f}/s)"
    goal = _goal(ratio.goal, written)
    return (
        *_measured(ratio.work, rounds),
        beside,
        written(figure),
        goal,
        ratio.goal.verdict(figure),
    )


def _p99_row(name: str, goal: Goal, rounds: Rounds) -> tuple[str, ...]:
    figure = rounds[name].percentile(0.99)
    told = ("p99", f"{figure:.0f} ms", f"≤ {goal.limit:.0f} ms", goal.verdict(figure))
    return (*_measured(name, rounds), *told)


def _rate_row(name: str, goal: Goal, rounds: Rounds) -> tuple[str, ...]:
    figure = rounds[name].rate
    told = ("per second", f"{figure:,.0f}", f"≥ {goal.floor:,.0f}", goal.verdict(figure))
    return (*_measured(name, rounds), *told)


def _measured(name: str, rounds: Rounds) -> tuple[str, ...]:
    done = rounds[name]
    if not done.is_timed:
        return name, f"{done.rate:,.0f}", "", "", ""
    return (
        name,
        f"{done.rate:,.1f}",
        f"{done.percentile(0.5):.1f}",
        f"{done.percentile(0.99):.1f}",
        str(done.errors),
    )


def _goal(goal: Goal, written: Callable[[float], str]) -> str:
    if goal.floor is None:
        return ""
    aim = f", aim {written(goal.aim)}" if goal.aim is not None else ""
    return f"≥ {written(goal.floor)}{aim}"


def _share(figure: float) -> str:
    shown = f"{figure * 100:.1f}".removesuffix(".0")
    return f"{shown} %"


def _times(figure: float) -> str:
    return f"{figure:.1f} ×"
