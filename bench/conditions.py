"""What the machine was doing otherwise: a rate measured beside other work is no rate."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

COUNTERS = Path("/proc/stat")
STOLEN = 7


@dataclass(frozen=True, slots=True)
class Moment:
    """The processors' counters at one moment; empty where the system keeps none."""

    ticks: tuple[int, ...]

    @classmethod
    def now(cls) -> Moment:
        """Read the counters."""
        if not COUNTERS.exists():
            return cls(())
        return cls.read(COUNTERS.read_text())

    @classmethod
    def read(cls, text: str) -> Moment:
        """Read the first line, which sums up all processors."""
        return cls(tuple(map(int, text.partition("\n")[0].split()[1:])))

    def stolen_until(self, later: Moment) -> float:
        """Return the share of the time since then that the host gave to other machines."""
        passed = [after - before for before, after in zip(self.ticks, later.ticks, strict=True)]
        return passed[STOLEN] / sum(passed) if sum(passed) else 0.0


def described(members: int, since: Moment) -> str:
    """Say what the machine has, how busy it was, and how much of it was there at all."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    stolen = since.stolen_until(Moment.now())
    return (
        f"{os.cpu_count()} processors, load {load}, {stolen:.0%} of the processors' time taken by"
        f" the host; {members:,} members"
    )
