"""How far a run has come: a fold over what counted in it, in whatever order that came."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from loyalty.challenges.counting import NOTHING, Counted
from loyalty.earning.exact import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from loyalty.challenges.targets import Target


class State(NamedTuple):
    """The progress, and how often each day, week or category was seen where those count."""

    progress: Decimal
    seen: Mapping[str, int]


BEGINNING = State(ZERO, {})


def fold(target: Target, counts: Iterable[Counted]) -> State:
    """Return how far these have brought somebody."""
    state = BEGINNING
    if target.has_keys:
        seen = Counter(key for counted in counts for key in counted.keys)
        return State(target.reached(seen), dict(seen))
    return State(sum((counted.amount for counted in counts), state.progress), {})


def moved(
    target: Target, state: State, *, more: Counted = NOTHING, less: Counted = NOTHING
) -> State:
    """Return the state with something more in it, and something less."""
    if not target.has_keys:
        return State(state.progress + more.amount - less.amount, {})
    seen = Counter(state.seen)
    seen.update(more.keys)
    seen.subtract(less.keys)
    left = {key: count for key, count in seen.items() if count > 0}
    return State(target.reached(left), left)


def joined(target: Target, one: State, other: State) -> State:
    """Return how far two have come together."""
    if not target.has_keys:
        return State(one.progress + other.progress, {})
    seen = dict(Counter(one.seen) + Counter(other.seen))
    return State(target.reached(seen), seen)


def is_reached(target: Target, state: State) -> bool:
    """Say whether that is all that was asked for."""
    return state.progress >= target.goal


def now_standing(target: Target, state: State, today: date) -> Decimal:
    """Return the progress as it stands today: a row of weeks that was broken begins anew."""
    return min(target.standing(state.progress, state.seen, today), target.goal)
