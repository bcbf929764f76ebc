"""The rounds: every kind of work in turn, again and again, so that drift hits all alike."""

from __future__ import annotations

import itertools
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import pgbench
from bench.client import Address, Round, keep_busy
from bench.servers import MINIMAL, serving
from bench.shop import earning, looking_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.place import Place
    from bench.shop import Call

EARN, EARN_HOT, EARN_EMPTY = "earn", "earn, one member", "earn, empty database"
EARN_PGBENCH, EARN_ORM = "earn, pgbench", "earn, minimal endpoint"
LOOK_UP, LOOK_UP_EMPTY = "look-up", "look-up, empty database"
LOOK_UP_PGBENCH, LOOK_UP_ORM = "look-up, pgbench", "look-up, minimal endpoint"
WARM_UP_SECONDS = 3.0
FAR = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How much is measured, and where: a database with history and one without."""

    full: str
    empty: str
    members: int
    empty_members: int
    seconds: float
    rounds: int
    run: str


Work = dict[str, "Callable[[float], Round]"]


def measure(place: Place, wish: Wish, told: Callable[[str, Round], None]) -> dict[str, Round]:
    """Run all rounds and return what came of each kind of work."""
    sums: dict[str, Round] = defaultdict(Round)
    with ExitStack() as stack:
        works = _works(place, wish, stack)
        for work in works.values():
            work(WARM_UP_SECONDS)
        for name in [*works] * wish.rounds:
            done = works[name](wish.seconds)
            told(name, done)
            sums[name] = sums[name] + done
    return dict(sums)


def _works(place: Place, wish: Wish, stack: ExitStack) -> Work:
    full = Address(stack.enter_context(serving(place, wish.full)), _key(place, wish.full, wish.run))
    empty = Address(
        stack.enter_context(serving(place, wish.empty)), _key(place, wish.empty, wish.run)
    )
    orm = Address(stack.enter_context(serving(place, wish.full, MINIMAL)))
    firsts = itertools.count(0, FAR)

    def earns(name: str, members: int, *, hot: bool = False) -> Iterator[Call]:
        return earning(f"{wish.run}-{name}", members, next(firsts), hot=hot)

    def scripted(script: str) -> Callable[[float], Round]:
        return lambda seconds: pgbench.run_script(
            place, wish.full, script, members=wish.members, seconds=seconds
        )

    return {
        EARN: _asking(full, earns("e", wish.members)),
        EARN_PGBENCH: scripted(pgbench.EARN),
        EARN_ORM: _asking(orm, earns("o", wish.members)),
        EARN_EMPTY: _asking(empty, earns("n", wish.empty_members)),
        EARN_HOT: _asking(full, earns("h", wish.members, hot=True)),
        LOOK_UP: _asking(full, looking_up(wish.members, next(firsts))),
        LOOK_UP_PGBENCH: scripted(pgbench.LOOK_UP),
        LOOK_UP_ORM: _asking(orm, looking_up(wish.members, next(firsts))),
        LOOK_UP_EMPTY: _asking(empty, looking_up(wish.empty_members, next(firsts))),
    }


def _asking(address: Address, calls: Iterator[Call]) -> Callable[[float], Round]:
    return lambda seconds: keep_busy(address, calls, seconds)


def _key(place: Place, database: str, run: str) -> str:
    return place.run(database, "-m", "bench.inside", "key", f"client {run}").strip()
