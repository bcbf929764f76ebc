"""What can be broken: locks forgotten, keys forgotten, a process killed or slowed at a point."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from core import idempotency, locking, outbox
from core.idempotency import Answer
from members.models import Member
from members.services import enrollment
from tests.faults.points import nights
from tests.faults.points.clocks import clock_ahead, clock_behind
from tests.faults.points.events import hear_everything
from tests.faults.points.replacing import once, replace_everywhere, trigger

PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 25


def forget_locks() -> None:
    """Read rows without locking them, and dawdle between reading and acting."""

    def read_all(model: Any, pks: Any, *related: str, **conditions: Any) -> dict[int, Any]:
        rows = model._default_manager.filter(pk__in=set(pks), **conditions)
        found = {row.pk: row for row in (rows.select_related(*related) if related else rows)}
        time.sleep(PAUSE_SECONDS)
        return found

    def read_one(model: Any, pk: int, *related: str) -> Any:
        return read_all(model, [pk], *related)[pk]

    replace_everywhere(locking.lock_all, read_all)
    replace_everywhere(locking.lock_those, read_all)
    replace_everywhere(locking.lock_one, read_one)


def forget_keys() -> None:
    """Carry out every request, as if its key had never been seen."""
    counter = iter(range(10**9))

    def answer(_request: Any, act: Callable[[str], Answer]) -> Answer:
        return act(f"{os.getpid()}-{next(counter)}")

    replace_everywhere(idempotency.answer_once, answer)


def enroll_without_care() -> None:
    """Look first and insert then, without expecting anybody in between."""

    def insert(applicant: Member) -> Member:
        time.sleep(PAUSE_SECONDS)
        applicant.save(force_insert=True)
        return applicant

    replace_everywhere(enrollment._insert_unless_there, insert)


def die_before_commit() -> None:
    """Kill the process inside the transaction, once, when the test has asked for it."""
    _before(outbox.tell, lambda: os.kill(os.getpid(), signal.SIGKILL))


def die_after_commit() -> None:
    """Kill the process when the effect is on disk and the caller does not know yet, once."""
    original = idempotency.answer_once

    def answer(request: Any, act: Callable[[str], Answer]) -> Answer:
        answered = original(request, act)
        once(lambda: os.kill(os.getpid(), signal.SIGKILL))
        return answered

    replace_everywhere(original, answer)


def wait_before_commit() -> None:
    """Keep the transaction open until the test lets go, once."""
    _before(outbox.tell, _wait_for_the_test)


def _wait_for_the_test() -> None:
    go = trigger().with_suffix(".go")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not go.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _before(original: Callable[..., Any], fault: Callable[[], Any]) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        once(fault)
        return original(*args, **options)

    replace_everywhere(original, broken)


FAULTS = {
    function.__name__: function
    for function in (
        forget_locks,
        forget_keys,
        enroll_without_care,
        die_before_commit,
        die_after_commit,
        wait_before_commit,
        hear_everything,
        clock_ahead,
        clock_behind,
        nights.small_chunks,
        nights.forget_who_is_at_it,
    )
}
