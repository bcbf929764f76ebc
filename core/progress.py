"""Shows how far a long job is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

BAR_WIDTH = 30
SECONDS_BETWEEN_BARS = 0.2
SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts units done of a known total, and says the rate and the time that remains."""

    def __init__(
        self,
        total: int,
        unit: str,
        stream: TextIO,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._unit = unit
        self._stream = stream
        self._clock = clock
        self._on_terminal = stream.isatty()
        self._started = self._shown = clock()
        self._skipped = self._done = 0

    def skip(self, count: int) -> None:
        """Leave out what an earlier run did; it does not count for the rate."""
        self._skipped = self._done = count

    def advance(self, count: int) -> None:
        """Count what is done now, and show it when the last showing is old enough."""
        self._done += count
        pause = SECONDS_BETWEEN_BARS if self._on_terminal else SECONDS_BETWEEN_LINES
        if self._clock() - self._shown >= pause:
            self._show()

    def finish(self) -> None:
        """Show the end, and leave the line to what comes next."""
        self._show()
        if self._on_terminal:
            self._stream.write("\n")
            self._stream.flush()

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far."""
        return self._clock() - self._started

    @property
    def rate(self) -> float:
        """Return how many units were done per second."""
        return (self._done - self._skipped) / max(self.seconds, 0.001)

    def _show(self) -> None:
        self._shown = self._clock()
        share = self._done / self._total if self._total else 1.0
        told = f"{self._done:,} of {self._total:,} {self._unit} · {self.rate:,.0f}/s · "
        told += f"{self._remaining()} left"
        if self._on_terminal:
            filled = round(share * BAR_WIDTH)
            bar = "█" * filled + "░" * (BAR_WIDTH - filled)
            self._stream.write(f"\r\x1b[K{bar} {share:4.0%}  {told}")
        else:
            self._stream.write(f"{share:4.0%}  {told}\n")
        self._stream.flush()

    def _remaining(self) -> str:
        if not self.rate:
            return "?"
        minutes, seconds = divmod(round((self._total - self._done) / self.rate), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
