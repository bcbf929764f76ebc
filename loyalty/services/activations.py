"""Tells that points which waited can be spent now: once a day for each account, as one sum."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Account, Activation, Lot

CHUNK = 1_000


@transaction.atomic
def activate_chunk(
    *,
    organization_id: int,
    day: date,
    since: datetime,
    due: datetime,
    after: int = 0,
    chunk: int = CHUNK,
) -> int | None:
    """Tell of what came free in the next accounts; return the last, or nothing at the end.

    It moves no points, because availability is asked of the date. Told is what is left of them;
    what has ended meanwhile or was told on that day before is left out.
    """
    lots = _came_free(organization_id, since, due).filter(account_id__gt=after)
    told = Activation.objects.filter(account=OuterRef("account"), day=day)
    sums = lots.filter(~Exists(told)).values("account_id").annotate(points=Sum("remaining"))
    rows = list(sums.order_by("account_id").values_list("account_id", "points")[:chunk])
    if not rows:
        return None
    made = Activation.objects.bulk_create(
        Activation(account_id=account_id, day=day, points=points) for account_id, points in rows
    )
    accounts = Account.objects.in_bulk([account_id for account_id, _points in rows])
    tell(_event_of(one, accounts[one.account_id], organization_id) for one in made)
    return rows[-1][0]


def _came_free(organization_id: int, since: datetime, due: datetime) -> QuerySet[Lot]:
    """Return lots that were given before they could be spent, and can be since then."""
    lots = Lot.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=due),
        account__program__organization_id=organization_id,
        available_at__gt=since,
        available_at__lte=due,
        remaining__gt=0,
        awaits_event=False,
    )
    return lots.filter(available_at__gt=F("entry__created_at"))


def _event_of(activation: Activation, account: Account, organization_id: int) -> OutboxEvent:
    return event(
        "points.available",
        activation,
        organization_id=organization_id,
        payload={
            "account": str(account.public_id),
            "day": activation.day.isoformat(),
            "points": activation.points,
        },
    )
