"""The claim to run one data folder, so that a second supervisor steps back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.embedded.account import open_data_folder
from core.embedded.errors import AlreadyRunning
from core.embedded.locks import lock_file, try_lock


@contextmanager
def claimed(data: Path, address: str) -> Iterator[None]:
    """Run the folder alone during the body."""
    open_data_folder(data)
    claim = lock_file(data / "run" / "up.lock")
    written = data / "run" / "address"
    try:
        if not try_lock(claim):
            raise AlreadyRunning(f"{data} already runs at {written.read_text().strip()}")
        written.write_text(f"{address}\n")
        yield
    finally:
        os.close(claim)
