"""Who listens to which events; each app lists its own in a module of this name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from core.assembly import modules_named
from core.models import OutboxEvent


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is handed every event of some kinds, each until it was taken once.

    ``hear`` runs in the transaction that marks the event as sent, so what it writes there happens
    exactly once. What it does elsewhere may be repeated, and must not mind.
    """

    name: str
    kinds: frozenset[str]
    hear: Callable[[OutboxEvent], None]


@cache
def subscribers() -> tuple[Subscriber, ...]:
    """Return everybody who listens, those of the lowest app first."""
    modules = modules_named("subscriptions")
    return tuple(one for module in modules for one in getattr(module, "SUBSCRIBERS", ()))


def kinds_heard() -> frozenset[str]:
    """Return the kinds of events that anybody listens to."""
    return frozenset[str]().union(*(one.kinds for one in subscribers()))
