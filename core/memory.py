"""Room for work that makes very many objects, nearly all of which go by themselves."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN = 100_000


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let cycles be looked for less often meanwhile, and never among what is there already."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
