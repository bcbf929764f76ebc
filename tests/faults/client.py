"""One client with many connections, which writes down what became of every request."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

PASSING = {"request_in_progress", "too_many_requests"}
DEADLINE_SECONDS = 10.0


@dataclass(frozen=True)
class Call:
    """A POST that is going to be made."""

    path: str
    body: dict[str, Any]
    key: str
    secret: str


@dataclass(frozen=True)
class Outcome:
    """What became of a call: an answer, or nothing known when the connection broke."""

    call: Call
    status: int | None
    text: str = ""
    headers: Any = None
    began: float = 0.0
    seconds: float = 0.0

    @property
    def fate(self) -> str:
        """Say what the caller may believe: ok, refused for good, or unknown and to be repeated."""
        if self.status is None or self.status >= 500 or self.code in PASSING:
            return "unknown"
        return "ok" if self.status < 400 else "refused"

    @property
    def code(self) -> str:
        """Return the code of a refusal, or the status."""
        if self.status is None:
            return "unknown"
        if self.status < 400:
            return str(self.status)
        return str(httpx.Response(self.status, text=self.text).json()["code"])


def new_key() -> str:
    """Return a key that was never used."""
    return f"test-{uuid4()}"


def fire(base: str, calls: Sequence[Call]) -> list[Outcome]:
    """Make all calls at the same moment, over warm connections."""
    # In a thread of its own: browser tests of the same process keep a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_fire(base, calls))).result()


def one(base: str, call: Call) -> Outcome:
    """Make one call."""
    return fire(base, [call])[0]


def ask(base: str, call: Call, *, deadline: float = DEADLINE_SECONDS) -> Outcome:
    """Make one call from this thread, and go away when the answer takes too long."""
    began = time.monotonic()
    try:
        answer = httpx.post(
            f"{base}/api/v1/{call.path}", json=call.body, headers=_headers(call), timeout=deadline
        )
    except httpx.TransportError:
        return Outcome(call, None, began=began, seconds=time.monotonic() - began)
    took = time.monotonic() - began
    return Outcome(call, answer.status_code, answer.text, answer.headers, began, took)


def tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count outcomes by their code."""
    return dict(Counter(outcome.code for outcome in outcomes))


async def _fire(base: str, calls: Sequence[Call]) -> list[Outcome]:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=60) as client:
        await asyncio.gather(*(client.get("/livez") for _ in range(min(len(calls), 32))))
        return list(await asyncio.gather(*(_post(client, call) for call in calls)))


async def _post(client: httpx.AsyncClient, call: Call) -> Outcome:
    began = time.monotonic()
    try:
        answer = await client.post(f"/api/v1/{call.path}", json=call.body, headers=_headers(call))
    except httpx.TransportError:
        return Outcome(call, None, began=began, seconds=time.monotonic() - began)
    took = time.monotonic() - began
    return Outcome(call, answer.status_code, answer.text, answer.headers, began, took)


def _headers(call: Call) -> dict[str, str]:
    return {"Authorization": f"Bearer {call.secret}", "Idempotency-Key": call.key}
