"""What was asked of a server and what became of it, and whether the books agree with that.

Every call ends as ok, refused or unknown. When all is quiet again, whatever is unknown is asked
once more under its key; then each that went well has exactly one effect, and each refusal none.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from core.models import IdempotentRequest
from loyalty.models import Entry, Hold, Purchase
from tests.faults.client import Call, Outcome, ask, fire
from tests.shops import assert_audit_is_clean

NAME, PHONE = "Zuleika Kanarienvogel", "+447400987123"
CANARIES = ("Kanarienvogel", "7400987123")  # what no log may hold
TRIES = 40
REDEMPTION = "redemptions/"
REQUEST = ("request_key",)


@dataclass
class History:
    """The calls made in a scenario, each with the last that was heard of it."""

    outcomes: list[Outcome] = field(default_factory=list)

    def fire(self, base: str, calls: list[Call]) -> list[Outcome]:
        """Make all calls at the same moment, and write down what became of them."""
        answered = fire(base, calls)
        self.outcomes += answered
        return answered

    @contextmanager
    def traffic(
        self, base: str, compose: Callable[[], Call], *, clients: int = 4, pause: float = 0.02
    ) -> Iterator[list[Outcome]]:
        """Let some clients make one call after the other for as long as the body lasts."""
        over = Event()
        heard: list[Outcome] = []

        def call_on() -> None:
            while not over.is_set():
                heard.append(ask(base, compose()))
                time.sleep(pause)

        with ThreadPoolExecutor(clients) as threads:
            working = [threads.submit(call_on) for _client in range(clients)]
            try:
                yield heard
            finally:
                over.set()
                for client in working:
                    client.result()
                self.outcomes += heard

    def settle(self, base: str) -> None:
        """Ask again whatever is unknown, as a till does, until it is known."""
        known = {outcome.call.key: outcome for outcome in self.outcomes}
        for _try in range(TRIES):
            unknown = [one.call for one in known.values() if one.fate == "unknown"]
            if not unknown:
                break
            for outcome in (ask(base, call) for call in unknown):
                known[outcome.call.key] = outcome
            time.sleep(0.1)
        self._hold_that_answers_stay(known)
        self.outcomes = list(known.values())
        assert self.codes("unknown") == {}

    def codes(self, *fates: str) -> dict[str, int]:
        """Count what was answered, perhaps only of some fates."""
        return dict(Counter(one.code for one in self.outcomes if not fates or one.fate in fates))

    def check(self, log: str) -> None:
        """Hold that effects, balances and the server's log are what the answers say."""
        counted = effects({outcome.call.key for outcome in self.outcomes})
        wrong = {
            (one.call.path, one.code): counted[one.call.key]
            for one in self.outcomes
            if not is_as_answered(one, counted[one.call.key])
        }
        assert wrong == {}
        assert_audit_is_clean()
        assert [line for line in log.splitlines() if "Traceback" in line] == []
        assert [name for name in CANARIES if name in log] == []

    def _hold_that_answers_stay(self, known: dict[str, Outcome]) -> None:
        """Whoever was answered and asks again is told the same, to the byte."""
        for one in self.outcomes:
            if one.fate != "unknown":
                assert known[one.call.key].text == one.text


@dataclass(frozen=True)
class Effects:
    """How much a key has done: purchases, rewards set aside, and entries."""

    purchases: int
    holds: int
    entries: int


def effects(keys: set[str]) -> dict[str, Effects]:
    """Count what was done under each key."""
    rows = dict(IdempotentRequest.objects.filter(key__in=keys).values_list("key", "pk"))
    purchases, holds, entries = (
        Counter(
            key.partition(":")[0] for key in model.objects.values_list("request_key", flat=True)
        )
        for model in (Purchase, Hold, Entry)
    )
    return {
        key: Effects(
            purchases[str(rows.get(key))], holds[str(rows.get(key))], entries[str(rows.get(key))]
        )
        for key in keys
    }


def is_as_answered(outcome: Outcome, done: Effects) -> bool:
    """Say whether a call that went well has its one effect, and a refusal none."""
    if outcome.fate == "refused":
        return done == Effects(0, 0, 0)
    if outcome.call.path == REDEMPTION:
        return (done.purchases, done.holds) == (0, 1) and done.entries <= 1
    return done == Effects(1, 0, 1)


def slowest(outcomes: list[Outcome], share: float = 0.95) -> float:
    """Return the time within which that share of the calls was answered."""
    times = sorted(outcome.seconds for outcome in outcomes)
    return times[min(len(times) - 1, int(len(times) * share))]
