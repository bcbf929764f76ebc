"""Which lots pay: soonest expiry first, then oldest, never one that has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from loyalty.errors import InsufficientPoints, PointsHeld

NEVER = datetime.max.replace(tzinfo=UTC)


class LotLike(Protocol):
    """What the arithmetic needs to know of a lot; unsaved lots have no ``pk`` yet."""

    pk: Any
    remaining: int
    held: int
    available_at: datetime
    expires_at: datetime | None


LotT = TypeVar("LotT", bound=LotLike)


def is_usable(lot: LotLike, at: datetime) -> bool:
    """Say whether the lot may be spent at that instant, whether or not any job has run."""
    return lot.available_at <= at and not has_ended(lot, at)


def is_pending(lot: LotLike, at: datetime) -> bool:
    """Say whether the lot is still waiting to become available."""
    return lot.available_at > at and not has_ended(lot, at)


def has_ended(lot: LotLike, at: datetime) -> bool:
    """Say whether the lot has expired at that instant."""
    return lot.expires_at is not None and lot.expires_at <= at


def free(lot: LotLike) -> int:
    """Return the points of the lot that no hold has set aside."""
    return lot.remaining - lot.held


def in_spending_order(lots: Iterable[LotT]) -> list[LotT]:
    """Order lots as they are spent: soonest expiry first, within it oldest first."""
    return sorted(lots, key=lambda lot: (lot.expires_at or NEVER, lot.available_at, lot.pk or 0))


def take(lots: Sequence[LotT], points: int) -> list[tuple[LotT, int]]:
    """Choose how many free points each lot gives, in the order given; may come out short."""
    taken = []
    for lot in lots:
        part = min(free(lot), points)
        if part > 0:
            taken.append((lot, part))
            points -= part
    return taken


def total(parts: Iterable[tuple[LotT, int]]) -> int:
    """Add up the points of chosen parts."""
    return sum(points for _lot, points in parts)


def spendable(lots: Iterable[LotLike], debt: int, at: datetime) -> int:
    """Return what can be spent at that instant: free usable points less debt."""
    return sum(free(lot) for lot in lots if is_usable(lot, at)) - debt


def refuse_short(points: int, *, balance: int, held: int) -> None:
    """Refuse to spend more than can be spent now, and say whether only holds stand in the way."""
    if balance < points:
        refusal = PointsHeld if balance + held >= points else InsufficientPoints
        raise refusal(balance=balance, needed=points, held=held)
