"""Receipts that were rung up without a member, and are claimed by one afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.locking import lock_one
from core.outbox import event, tell
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import Line, LineKind
from loyalty.errors import AlreadyClaimed, AlreadyReturned, ClaimWindowOver, NoProgram
from loyalty.models import Purchase, PurchaseLine
from loyalty.queries import lines_of, payments_of
from loyalty.receipts import Paid, ReceiptDraft
from loyalty.services.purchases import Recorded, give_late
from loyalty.services.rulebook import ProgramRules, open_programs
from members.errors import MemberBlocked, MemberUnknown
from members.models import Member, MemberStatus

STEP = Decimal("0.001")


@transaction.atomic
def claim_purchase(*, purchase_id: int, member_id: int, actor: Actor, request_key: str) -> Recorded:
    """Give a guest's receipt to a member, who earns by the rules and dates of its own day.

    What came back of it meanwhile earns nothing. Raises ``AlreadyClaimed``, ``AlreadyReturned``
    or ``ClaimWindowOver``.
    """
    purchase = lock_one(Purchase, purchase_id, "organization", "store")
    if purchase.member_id is not None:
        raise AlreadyClaimed
    programs = _claimable(purchase, timezone.now())
    purchase.member = _claimer(purchase, member_id)
    lines = _unreturned(lines_of(purchase))
    if not lines:
        raise AlreadyReturned
    purchase.save(update_fields=["member"])
    recorded = Recorded(purchase, _draft(purchase, lines, request_key))
    give_late(recorded, programs, actor=actor)
    _announce(recorded, actor)
    return recorded


def claim_days(organization_id: int) -> int:
    """Return how many days old a receipt may be that is claimed, 0 when none may be."""
    return max((rules.terms.claim_days for rules in open_programs(organization_id)), default=0)


def _claimable(purchase: Purchase, now: datetime) -> list[ProgramRules]:
    """Return the programs in which it is not too late for this receipt."""
    programs = open_programs(purchase.organization_id)
    if not programs:
        raise NoProgram
    age = now - purchase.occurred_at
    in_time = [
        rules
        for rules in programs
        if rules.terms.claim_days and age <= timedelta(days=rules.terms.claim_days)
    ]
    if not in_time:
        raise ClaimWindowOver(days=max(rules.terms.claim_days for rules in programs))
    return in_time


def _claimer(purchase: Purchase, member_id: int) -> Member:
    member = Member.objects.filter(pk=member_id, organization_id=purchase.organization_id).first()
    if member is None:
        raise MemberUnknown
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked
    return member


def _unreturned(lines: Iterable[PurchaseLine]) -> tuple[Line, ...]:
    return tuple(
        _line(line)
        for line in lines
        if line.returned_quantity < line.quantity and line.returned_amount < line.amount
    )


def _line(line: PurchaseLine) -> Line:
    left = line.amount - line.returned_amount
    return Line(
        number=line.number,
        quantity=line.quantity - line.returned_quantity,
        amount=left,
        name=line.name,
        sku=line.sku or None,
        brand=line.brand or None,
        category=tuple(line.category),
        kind=LineKind(line.kind),
        tax=None if line.tax is None else _share(line.tax, left, line.amount),
        unit_cost=line.unit_cost,
    )


def _draft(purchase: Purchase, lines: tuple[Line, ...], request_key: str) -> ReceiptDraft:
    """Compose the receipt anew from what is on record and has not come back."""
    total = sum((line.amount for line in lines), ZERO)
    store = purchase.store
    zone = ZoneInfo(store.time_zone or purchase.organization.time_zone)
    return ReceiptDraft(
        source=purchase.source,
        external_id=purchase.external_id,
        store_id=store.pk,
        store_code=store.code,
        occurred_at=purchase.occurred_at,
        local=purchase.occurred_at.astimezone(zone),
        business_date=purchase.business_date,
        lines=lines,
        total=total,
        request_key=request_key,
        member_id=purchase.member_id,
        channel=purchase.channel,
        payments=tuple(
            Paid(method=paid.method, amount=_share(paid.amount, total, purchase.total))
            for paid in payments_of(purchase)
        ),
    )


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return as much of an amount as a part is of the whole."""
    return amount if part == whole else (amount * part / whole).quantize(STEP)


def _announce(recorded: Recorded, actor: Actor) -> None:
    purchase = recorded.purchase
    assert purchase.member is not None, "it was just claimed"
    audit.record(
        "claimed",
        purchase,
        organization_id=purchase.organization_id,
        actor=actor,
        fields=["member"],
    )
    payload = {
        "purchase": str(purchase.public_id),
        "member": str(purchase.member.public_id),
        "points": recorded.points,
    }
    told = event(
        "purchase.claimed", purchase, organization_id=purchase.organization_id, payload=payload
    )
    tell([told])
