"""A process the supervisor starts, watches, stops, and finds again after a crash."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.embedded.account import dying_with_parent
from core.embedded.folder import PROJECT
from core.embedded.locks import is_free, lock_file, try_lock
from core.embedded.logs import log_tail, open_log

GRACE = 20


class Child:
    """One process with its own process group, log and lock.

    The process and all it starts inherit the lock, so as long as one of them lives, the recorded
    process group is theirs and nobody else's.
    """

    def __init__(self, name: str, command: Sequence[str | Path], data: Path) -> None:
        self.name = name
        self.command = command
        self.data = data
        self.lock = data / "run" / f"{name}.lock"
        self.record = data / "run" / f"{name}.pid"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; what a killed supervisor left behind is stopped before."""
        self.end_leftover()
        lock = lock_file(self.lock)
        try_lock(lock)
        try:
            with open_log(self.data, self.name) as log:
                self.process = subprocess.Popen(  # noqa: S603 a command of our own
                    self.command,
                    cwd=PROJECT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock],
                    process_group=0,
                    preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
                )
        finally:
            os.close(lock)
        self.record.write_text(str(self.process.pid))

    def end_leftover(self) -> None:
        """Wait for the end of a process whose supervisor was killed, with growing insistence."""
        for word in (signal.SIGTERM, signal.SIGKILL):
            if not is_free(self.lock):
                _signal_group(self._recorded_group(), word)
            end = time.monotonic() + GRACE / 2
            while not is_free(self.lock) and time.monotonic() < end:
                time.sleep(0.1)

    def died(self) -> bool:
        """Tell whether the process ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """End the process and all it started, politely at first."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.terminate()
            self.process.wait(GRACE)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        """Return the end of the log."""
        return log_tail(self.data, self.name)

    def _recorded_group(self) -> int:
        """Return the process group of the last start, or 0."""
        with suppress(FileNotFoundError, ValueError):
            return int(self.record.read_text())
        return 0


def _signal_group(group: int, number: signal.Signals) -> None:
    """Signal every process of a group, if any is left."""
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(group, number)
