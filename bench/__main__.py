"""Measures and prints one table; `make bench ARGS="--members 20000"` does so at a smaller size.

bench/README.md tells what is measured, under which conditions, and what came of it.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace

from bench import databases, jobs
from bench.client import Round
from bench.conditions import Moment, described
from bench.place import Place, data_folder
from bench.rounds import Wish, measure
from bench.table import missed, table

PARTS = ("requests", "expiry", "import")


def main() -> None:
    """Measure what is asked for."""
    options = _options()
    place = Place(data_folder())
    with place.running():
        full, empty = databases.ready(place, options.members, fresh=options.fresh)
        began = Moment.now()
        rounds = _measured(place, full, empty, options)
        print(described(options.members, began))
        print("\n".join(["", *table(rounds), *(f"missed: {work}" for work in missed(rounds))]))
        jobs.audit(place, full)


def _measured(place: Place, full: str, empty: str, options: Namespace) -> dict[str, Round]:
    rounds: dict[str, Round] = {}
    if "requests" in options.parts:
        rounds |= measure(place, _wish(full, empty, options), told=_tell)
    if "expiry" in options.parts:
        rounds |= jobs.expiries(place, full)
    if "import" in options.parts:
        rounds |= jobs.imports(place, empty, options.import_lines)
    return rounds


def _wish(full: str, empty: str, options: Namespace) -> Wish:
    return Wish(
        full=full,
        empty=empty,
        members=options.members,
        empty_members=databases.EMPTY_MEMBERS,
        seconds=options.seconds,
        rounds=options.rounds,
        run=f"{time.time_ns():x}",
    )


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description="Measure and print one table.")
    parser.add_argument("--members", type=int, default=1_000_000, help="ten entries each")
    parser.add_argument("--seconds", type=float, default=10, help="of one round")
    parser.add_argument("--rounds", type=int, default=3, help="of each kind of work")
    parser.add_argument("--import-lines", type=int, default=0, help="0 imports the whole file")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--fresh", action="store_true", help="make the databases anew")
    return parser.parse_args()


def _tell(name: str, done: Round) -> None:
    print(
        f"  {name:<28}{done.rate:>10,.1f}/s{done.percentile(0.5):>9.1f} ms"
        f"{done.percentile(0.99):>9.1f} ms  {done.errors or ''} {done.said}",
        flush=True,
    )


if __name__ == "__main__":
    main()
