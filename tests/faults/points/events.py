"""Somebody who listens to events, and sometimes dies or chokes on them."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

from django.db import connection

from core import assembly
from core.models import OutboxEvent
from core.subscriptions import Subscriber
from tests.faults.points.replacing import once, replace_everywhere

KINDS = frozenset({"points.earn", "purchase.recorded"})
POISON = "poison"


def hear_everything() -> None:
    """Have every sale and every earning written down in a table of the test's own, each time."""
    listening = SimpleNamespace(SUBSCRIBERS=(Subscriber("test", KINDS, _hear),))
    original = assembly.modules_named

    def modules_named(name: str) -> list[object]:
        return [*original(name), *([listening] if name == "subscriptions" else [])]

    replace_everywhere(original, modules_named)


def _hear(event: OutboxEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO faults_heard (event_id, kind) VALUES (%s, %s)",
            [event.event_id, event.kind],
        )
    if str(event.payload.get("external_id", "")).startswith(POISON):
        raise ValueError(event.payload)
    if event.kind == "points.earn":
        once(lambda: os.kill(os.getpid(), signal.SIGKILL))
