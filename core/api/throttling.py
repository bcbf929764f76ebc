"""Keeps one key from taking all the room: a token bucket in each process.

Nothing is shared and nothing can fail, so a till is never kept from earning by the limiter
itself; with n processes a key may reach n times the rate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from threading import Lock
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

OWNERS_MAX = 10_000


class TokenBuckets:
    """One bucket per owner: ``burst`` tokens at most, ``per_second`` flow in."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self.per_second = per_second
        self.burst = burst
        self._levels: dict[Hashable, tuple[float, float]] = {}
        self._lock = Lock()

    def wait_for(self, owner: Hashable, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        with self._lock:
            if owner not in self._levels and len(self._levels) >= OWNERS_MAX:
                self._levels.clear()
            level, since = self._levels.get(owner, (self.burst, now))
            level = min(self.burst, level + (now - since) * self.per_second)
            enough = level >= 1
            self._levels[owner] = (level - 1 if enough else level, now)
        return 0.0 if enough else (1 - level) / self.per_second


class KeyThrottle(BaseThrottle):
    """Limits each key to 500 requests a second, 1,000 at once."""

    buckets: ClassVar[TokenBuckets] = TokenBuckets(per_second=500, burst=1000)
    _wait: float = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 the framework's signature
        """Take a token of the caller's key."""
        self._wait = self.buckets.wait_for(view.caller.key_id, time.monotonic())
        return self._wait == 0

    def wait(self) -> int:
        """Return the whole seconds after which a token is certain to be there."""
        return math.ceil(self._wait)
