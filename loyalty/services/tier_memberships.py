"""Tiers that are bought: a membership on a receipt opens one, and its return ends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from core.bulk import insert_many
from core.days import add_months, local_day, start_of_day
from loyalty.earning.receipt import Line, LineKind
from loyalty.models import PurchaseLine, TierChange, TierGrant
from loyalty.services.happenings import Happening, TakenBack
from loyalty.services.ledger import Book
from loyalty.services.tier_states import Seen
from loyalty.tiers.spec import Tier
from loyalty.tiers.windows import A_DAY

PURCHASE, RETURN = "purchase", "return"


def open_memberships(
    book: Book, happenings: Iterable[Happening], seen: Mapping[int, Seen]
) -> list[TierChange]:
    """Give the tiers that were just bought; one that runs already goes on for longer."""
    grants: list[TierGrant] = []
    changes: list[TierChange] = []
    for done in happenings:
        for line, tier in _sold(done, seen[done.account_id], book.now):
            grant = _membership(book, done, line, tier, seen[done.account_id])
            grants.append(grant)
            changes.append(granted(grant, tier.code, book))
    insert_many(grants)
    for change in changes:
        seen[change.account_id].changes.append(change)
    return changes


def end_memberships(
    book: Book, taken: Sequence[TakenBack], seen: Mapping[int, Seen]
) -> list[TierChange]:
    """End the tiers whose membership came back whole."""
    back = _came_back(taken)
    if not back:
        return []
    sold = Q()
    for purchase_id, number in back:
        sold |= Q(cause_id=purchase_id, line=number) | Q(
            origin__cause_id=purchase_id, origin__line=number, origin__cause=PURCHASE
        )
    grants = TierGrant.objects.filter(sold, Q(cause=PURCHASE) | Q(origin__isnull=False))
    live = list(grants.filter(ended_at=None).select_related("account").order_by("pk"))
    return [change for grant in live for change in _end(book, grant, taken, seen)]


def granted(grant: TierGrant, code: str, book: Book) -> TierChange:
    """Compose the step onto a tier that was given."""
    return TierChange(
        account=grant.account,
        why=TierChange.Why.GRANTED,
        after=code,
        until=grant.ends_at,
        at=book.now,
        cause=grant.cause,
        cause_id=grant.cause_id,
        details={"reason": grant.reason} if grant.reason else {},
        actor=book.actor.name,
    )


def ended(
    grant: TierGrant, at: datetime, actor: str, *, cause: str, cause_id: int | None
) -> TierChange:
    """Compose the step off a tier that was given."""
    return TierChange(
        account=grant.account,
        why=TierChange.Why.GRANT_ENDED,
        before=grant.tier,
        at=at,
        cause=cause,
        cause_id=cause_id,
        actor=actor,
    )


def _end(
    book: Book, grant: TierGrant, taken: Sequence[TakenBack], seen: Mapping[int, Seen]
) -> Iterator[TierChange]:
    grant.ended_at = book.now
    grant.save(update_fields=["ended_at"])
    one = seen.get(grant.account_id)
    if one is not None:
        row = taken[-1].row
        change = ended(grant, book.now, book.actor.name, cause=RETURN, cause_id=row.pk)
        change.details = {"left": [grant.tier]}
        one.grants = [kept for kept in one.grants if kept.pk != grant.pk]
        one.changes.append(change)
        yield change


def _sold(done: Happening, seen: Seen, now: datetime) -> Iterator[tuple[Line, Tier]]:
    ladder = seen.ladders.at(now)
    if ladder is None or done.draft is None:
        return
    for line in done.draft.lines:
        if line.kind == LineKind.MEMBERSHIP and line.sku and line.quantity > 0:
            tier = ladder.sold_as(line.sku)
            if tier is not None:
                yield line, tier


def _membership(book: Book, done: Happening, line: Line, tier: Tier, seen: Seen) -> TierGrant:
    assert done.purchase is not None, "only what was bought is a membership"
    assert tier.months is not None, "a membership has its months"
    running = [
        one.ends_at for one in seen.grants if one.tier == tier.code and one.cause == PURCHASE
    ]
    begins = max([min(done.occurred_at, book.now), *(end for end in running if end is not None)])
    months = tier.months * max(1, int(line.quantity))
    grant = TierGrant(
        account=seen.account,
        tier=tier.code,
        begins_at=begins,
        ends_at=_months_on(begins, months, done.rules.zone),
        cause=PURCHASE,
        cause_id=done.purchase.pk,
        line=line.number,
        request_key=f"{done.request_key}:tier:{line.number}",
        actor=book.actor.name,
    )
    seen.grants.append(grant)
    return grant


def _months_on(begins: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the end so many months on: that of a day, and of the day before for a whole one."""
    day = local_day(begins, zone)
    end = add_months(day, months)
    return start_of_day(end if begins == start_of_day(day, zone) else end + A_DAY, zone)


def _came_back(taken: Iterable[TakenBack]) -> list[tuple[int, int]]:
    lines = PurchaseLine.objects.filter(
        Q(returned_quantity__gte=F("quantity")) | Q(amount__gt=0, returned_amount__gte=F("amount")),
        purchase__in={one.purchase.pk for one in taken},
        kind=PurchaseLine.Kind.MEMBERSHIP,
    )
    return list(lines.values_list("purchase_id", "number"))
