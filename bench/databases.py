"""The two databases of the bench: one with history and one without; kept from run to run."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from bench.pgbench import make_tables

if TYPE_CHECKING:
    from bench.place import Place

EMPTY_MEMBERS = 1_000
BYTES_PER_MEMBER = 20_000  # with all indexes, and what the rounds add
LOG_BYTES = 10_000_000_000  # the write-ahead log keeps up to max_wal_size


def ready(place: Place, members: int, *, fresh: bool) -> tuple[str, str]:
    """Return the names of both databases, made where they are missing."""
    full, empty = f"bench_{members}", "bench_empty"
    _have(place, full, "seed", members, fresh=fresh)
    _have(place, empty, "shop", EMPTY_MEMBERS, fresh=fresh)
    settle(place)
    return full, empty


def settle(place: Place) -> None:
    """Wait until what was written is on the disk, or the first rounds would wait for it."""
    with place.connect() as connection:
        connection.execute("CHECKPOINT")
    os.sync()


def make(place: Place, name: str, how: str, members: int) -> None:
    """Make a database under another name first, so that one half done is never taken for whole."""
    _refuse_without_room(place, members)
    draft, began = f"{name}_draft", time.monotonic()
    place.drop(draft)
    place.create(draft)
    place.run(draft, "manage.py", "migrate", "--verbosity", "0")
    place.run(draft, "-m", "bench.inside", how, str(members))
    make_tables(place, draft)
    with place.connect(draft) as connection:
        connection.execute("VACUUM ANALYZE")
    place.drop(name)
    place.rename(draft, name)
    print(f"{name} made in {time.monotonic() - began:.0f} s", flush=True)


def _refuse_without_room(place: Place, members: int) -> None:
    """Refuse before the work, not after an hour of it."""
    needed = members * BYTES_PER_MEMBER + LOG_BYTES
    free = shutil.disk_usage(place.data).free
    if free < needed:
        sys.exit(
            f"{place.data} needs {needed / 1e9:.0f} GB for this, and {free / 1e9:.0f} are free."
        )


def _have(place: Place, name: str, how: str, members: int, *, fresh: bool) -> None:
    if fresh or not place.has(name):
        make(place, name, how, members)
    else:
        place.run(name, "manage.py", "migrate", "--verbosity", "0")
