"""Locks on files: the kernel drops them with their holder, however it died."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def lock_file(path: Path) -> int:
    """Open a lock file, making it when it is new; reading is enough to lock it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Take the lock if nobody is in the way."""
    with suppress(BlockingIOError):
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        return True
    return False


def unlock(handle: int) -> None:
    """Give the lock back and keep the file open."""
    fcntl.flock(handle, fcntl.LOCK_UN)


def is_free(path: Path) -> bool:
    """Tell whether no living process holds the lock."""
    handle = lock_file(path)
    try:
        return try_lock(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[int]:
    """Hold the lock during the body, waiting for it as long as it takes."""
    handle = lock_file(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
