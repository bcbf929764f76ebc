"""What a tier gives on being reached, once per reaching, and takes back with the tier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, Sum

from loyalty.gifts import AnyGift, BadgeGift, PointsGift
from loyalty.models import Entry, Grant, TierChange
from loyalty.services.gifts import Gifted, give_gifts, take_gifts
from loyalty.services.ledger import Book, Cause
from loyalty.services.standing import Held

TIER = "tier"
Why = TierChange.Why
ENTERED = (Why.REACHED, Why.GRANTED)
TAKEN = (Why.RETURNED, Why.GRANT_ENDED)


@dataclass(frozen=True, slots=True)
class Entering:
    """Whose doing led to a tier, and what the account had before."""

    member_id: int
    request_key: str
    before: Held | None


@dataclass(slots=True)
class _Had:
    """What was given on entering a tier that a return took, and was not given back."""

    points: int = 0
    things: set[tuple[str, str]] = field(default_factory=set)


def give_on_entry(
    book: Book, changes: Iterable[TierChange], entering: Mapping[int, Entering]
) -> dict[int, Gifted]:
    """Give what tiers give that these accounts have just come to by themselves, by account.

    Nothing is given for a tier that is no higher than one they had anyway.
    """
    gifted: dict[int, Gifted] = {}
    for change in changes:
        by = entering[change.account_id]
        gifts = _due(change, by) if change.why in ENTERED else []
        if gifts:
            key = f"{by.request_key}:tier:{change.after}"
            cause = Cause(TIER, change.pk, key, min(change.at, book.now))
            gifted[change.account_id] = give_gifts(
                book, change.account_id, by.member_id, gifts, cause
            )
    return gifted


def take_on_leaving(
    book: Book, changes: Iterable[TierChange], request_keys: Mapping[int, str]
) -> None:
    """Take back what tiers gave that a return has just taken; what was used stays given."""
    for change in changes:
        for code in change.details.get("left", ()) if change.why in TAKEN else ():
            entered = _entered(change.account_id, code)
            points, grants = _given(entered)
            if points or grants:
                key = f"{request_keys[change.account_id]}:tier:{code}"
                cause = Cause(TIER, change.pk, key, book.now)
                take_gifts(book, change.account_id, points, cause, grants)


def _due(change: TierChange, by: Entering) -> list[AnyGift]:
    before = by.before
    tier = before.ladder.tier(change.after) if before else None
    if before is None or tier is None or not tier.benefits.gifts:
        return []
    if before.ladder.rank(tier.code) <= before.ladder.rank(before.code):
        return []
    had = _had(change)
    return [gift for gift in tier.benefits.gifts if not _is_had(gift, had)]


def _had(change: TierChange) -> _Had:
    """Return what is still there of earlier entries into the tier that returns have undone."""
    earlier = _entered(change.account_id, change.after)
    points, grants = _given([pk for pk in earlier if pk != change.pk])
    return _Had(points, {(grant.kind, grant.target) for grant in grants})


def _is_had(gift: AnyGift, had: _Had) -> bool:
    if isinstance(gift, PointsGift):
        return had.points > 0
    if isinstance(gift, BadgeGift):
        return (Grant.Kind.BADGE, gift.badge) in had.things
    return (Grant.Kind.VOUCHER, gift.reward) in had.things


def _entered(account_id: int, code: str) -> list[int]:
    """Return the entries into a tier since it was last lost by time, with what followed them."""
    steps = TierChange.objects.filter(account=account_id).filter(
        Q(after=code, why__in=ENTERED) | Q(why__in=[*TAKEN, Why.LOWERED])
    )
    found: list[int] = []
    for step in steps.order_by("pk"):
        if step.why in ENTERED:
            found.append(step.pk)
        elif code in step.details.get("left", ()):
            found = [] if step.why == Why.LOWERED else [*found, step.pk]
    return found


def _given(change_ids: Sequence[int]) -> tuple[int, list[Grant]]:
    """Return the points and the things that these steps gave and that were not taken back."""
    if not change_ids:
        return 0, []
    entries = Entry.objects.filter(cause=TIER, cause_id__in=change_ids)
    points = entries.aggregate(points=Sum("points"))["points"] or 0
    grants = Grant.objects.filter(cause=TIER, cause_id__in=change_ids, status=Grant.Status.GIVEN)
    return points, list(grants)
