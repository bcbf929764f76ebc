"""Prices that were promised for some minutes: how they are kept, and let go of.

The quote is claimed first, so that it is used once; what it set aside is then its purchase's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Organization
from loyalty.earning.exact import plain
from loyalty.models import Hold
from loyalty.receipts import Paid, PointsWish, ReceiptDraft
from loyalty.services.ledger import cancel, end_overdue, open_book
from loyalty.services.spending import METHOD
from members.models import Member
from members.queries import everyone_in
from rewards.discount_errors import QuoteUnknown, QuoteUsed
from rewards.discounts.sources import SourceKind
from rewards.discounts.told import (
    TakenOff,
    lines_as_json,
    lines_from_json,
    why_as_json,
    why_from_json,
)
from rewards.models import Quote, Redemption, Reward, Voucher
from rewards.services.discounting import Priced, with_lines
from rewards.services.redemptions import cancel_redemption
from rewards.services.wishes import Wished

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Claimed:
    """A quote that this purchase uses; it holds unless its time was over."""

    quote: Quote
    is_live: bool

    def holds_for(self, draft: ReceiptDraft) -> bool:
        """Say whether the price still stands, and was asked for exactly this."""
        return self.is_live and self.quote.asked == fingerprint(draft)


@dataclass(frozen=True, slots=True)
class Promised:
    """A receipt as it was promised to come to."""

    priced: Priced
    draft: ReceiptDraft


def fingerprint(draft: ReceiptDraft) -> str:
    """Return a sign of what is bought, by whom and with what, whenever that is."""
    return replace(draft, payments=(), is_dated=False).digest


def as_promised(priced: Priced, draft: ReceiptDraft) -> dict[str, Any]:
    """Return what a quote keeps of its price: the discounts, the lines after them, the points."""
    paid = draft.paid_in_points
    return {
        "taken": [
            [
                str(one.kind),
                one.source,
                one.name,
                plain(one.amount),
                lines_as_json(one.lines),
                why_as_json(one.why),
            ]
            for one in priced.taken
        ],
        "lines": [
            [line.number, plain(line.amount), None if line.tax is None else plain(line.tax)]
            for line in draft.lines
        ],
        "versions": dict(priced.versions),
        "paid": [paid.points, plain(paid.amount)] if paid else None,
    }


def claim_quote(organization: Organization, public_id: UUID) -> Claimed:
    """Take a quote for one purchase; raises ``QuoteUnknown`` or ``QuoteUsed``."""
    quote = Quote.objects.filter(organization=organization, public_id=public_id).first()
    if quote is None:
        raise QuoteUnknown
    now = timezone.now()
    if Quote.objects.filter(pk=quote.pk, ended_at=None).update(ended_at=now):
        return Claimed(quote, is_live=quote.expires_at > now)
    quote.refresh_from_db()
    if quote.purchase_id is not None:
        raise QuoteUsed
    return Claimed(quote, is_live=False)


def keep_promise(quote: Quote, draft: ReceiptDraft) -> Promised:
    """Return a receipt at the price that was promised, to be paid with what was set aside."""
    told: Mapping[str, Any] = quote.promised
    taken = [
        TakenOff(kind, source, name, Decimal(amount), lines_from_json(lines), why_from_json(why))
        for kind, source, name, amount, lines, why in told["taken"]
    ]
    left = {number: (amount, tax) for number, amount, tax in told["lines"]}
    lines = tuple(
        line._replace(
            amount=Decimal(left[line.number][0]),
            tax=None if left[line.number][1] is None else Decimal(left[line.number][1]),
        )
        for line in draft.lines
    )
    held = {
        str(one.redemption.reward.public_id): one.redemption
        for one in quote.rewards.select_related("redemption__reward")
    }
    discounted = with_lines(draft, lines, taken)
    priced = Priced(
        discounted,
        taken,
        wished=_wished(quote, taken, [one.reward for one in held.values()]),
        versions=told["versions"],
        held={key: redemption.pk for key, redemption in held.items()},
    )
    return Promised(priced, _paid(quote, discounted, told["paid"]))


@transaction.atomic
def let_go(quote: Quote) -> None:
    """Give back the points and rewards that a quote set aside, once; vouchers are free by then."""
    now = timezone.now()
    Quote.objects.filter(pk=quote.pk, ended_at=None).update(ended_at=now)
    hold = Hold.objects.filter(quote=quote, status=Hold.Status.OPEN).first()
    if hold is not None:
        with open_book([hold.account_id], actor=SYSTEM) as book:
            if hold.expires_at > book.now:
                cancel(book, hold.pk)
            else:
                end_overdue(book, hold.pk)
    # Those whose time is over end by themselves, and their stock comes back with them.
    rewards = quote.rewards.filter(
        redemption__status=Redemption.Status.HELD, redemption__hold__expires_at__gt=now
    )
    for one in rewards.order_by("redemption"):
        cancel_redemption(
            redemption_id=one.redemption_id,
            reason="",
            actor=SYSTEM,
            request_key=f"quote:{quote.pk}:{one.redemption_id}",
        )


def let_go_of_overdue(member: Member) -> None:
    """Let go of what quotes still set aside for a member though their time is over."""
    overdue = Quote.objects.filter(
        member__in=everyone_in(member), ended_at=None, expires_at__lte=timezone.now()
    )
    for quote in overdue.order_by("pk"):
        let_go(quote)


def end_overdue_quotes() -> int:
    """Let go of what some quotes set aside whose time is over; return how many."""
    overdue = Quote.objects.filter(ended_at=None, expires_at__lte=timezone.now())
    some = list(overdue.order_by("expires_at")[:CHUNK])
    for quote in some:
        let_go(quote)
    return len(some)


def _wished(quote: Quote, taken: Sequence[TakenOff], rewards: Sequence[Reward]) -> Wished:
    codes = [one.source for one in taken if one.kind == SourceKind.VOUCHER]
    vouchers = Voucher.objects.filter(organization=quote.organization_id, code__in=codes)
    return Wished(
        {voucher.code: voucher for voucher in vouchers},
        {str(reward.public_id): reward for reward in rewards},
    )


def _paid(quote: Quote, draft: ReceiptDraft, told: Any) -> ReceiptDraft:
    if told is None:
        return draft
    points, amount = told
    wish = draft.points_wish
    assert wish is not None, "points were promised because somebody wished it"
    held = PointsWish(program_id=wish.program_id, points=wish.points, hold_id=quote.hold_id)
    paid = Paid(method=METHOD, amount=Decimal(amount), points=points)
    return replace(draft, points_wish=held, payments=(*draft.payments, paid))
