"""The checkout: what a receipt comes to and earns, and its recording, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.actors import Actor
from core.models import Organization
from core.transactions import atomic_part
from loyalty.earning.outcome import NotApplied
from loyalty.earning.paying import InPoints
from loyalty.errors import DuplicateReceipt
from loyalty.receipts import ReceiptDraft
from loyalty.services import purchases
from loyalty.services.purchases import Earned, Recorded
from members.models import Member
from rewards.answers import (
    GivenPoints,
    LineOnRecord,
    ReceiptView,
    due_after,
    purchase_answer,
    quote_answer,
)
from rewards.errors import QuoteChanged
from rewards.queries import entry_answer, head_of, receipt_of, spendable_by
from rewards.services.baskets import Number, Place, draft_of, member_of, place_of
from rewards.services.paying import can_pay, with_points


def quote(*, organization: Organization, sent: Mapping[str, Any]) -> ReceiptView:
    """Price a receipt and work out what it would earn, by the engine that would record it."""
    member = member_of(organization, sent.get("member"))
    draft = draft_of(organization, sent, place=place_of(organization, sent), member=member)
    most = can_pay(organization, sent, draft, member=member)
    paid = with_points(organization, sent, draft, member=member, is_quote=True)
    return replace(_preview(organization, paid), can_pay=most)


@atomic_part
def ring_up(
    *,
    organization: Organization,
    sent: Mapping[str, Any],
    number: Number,
    actor: Actor,
    place: Place | None = None,
) -> ReceiptView:
    """Price a receipt, record it and give what it earns.

    Raises ``DuplicateReceipt`` with the whole original when the same receipt is on record, and
    ``QuoteChanged`` with the new quote when it comes to another amount than expected.
    """
    member = member_of(organization, sent.get("member"))
    where = place or place_of(organization, sent)
    draft = draft_of(organization, sent, place=where, member=member, number=number)
    try:
        draft = with_points(organization, sent, draft, member=member)
        _refuse_surprise(organization, sent, draft)
        recorded = purchases.record(organization_id=organization.pk, draft=draft, actor=actor)
    except DuplicateReceipt as known:
        original = receipt_of(organization, known.data["purchase"])
        raise DuplicateReceipt(purchase=purchase_answer(original)) from known
    recorded.purchase.store, recorded.purchase.member = where.store, member
    return _on_record(organization, recorded, member)


def _refuse_surprise(
    organization: Organization, sent: Mapping[str, Any], draft: ReceiptDraft
) -> None:
    expected = sent.get("expected_total_due")
    due = due_after(_paid(draft), draft.total, organization.currency)
    if expected is not None and expected != due:
        raise QuoteChanged(quote=quote_answer(_preview(organization, draft)))


def _preview(organization: Organization, draft: ReceiptDraft) -> ReceiptView:
    earned = purchases.preview(organization_id=organization.pk, draft=draft)
    return ReceiptView(
        currency=organization.currency,
        total=draft.total,
        lines=_lines(draft),
        given=_given(earned),
        not_applied=_not_applied(earned),
        paid=_paid(draft),
    )


def _on_record(
    organization: Organization, recorded: Recorded, member: Member | None
) -> ReceiptView:
    return ReceiptView(
        currency=organization.currency,
        total=recorded.purchase.total,
        lines=_lines(recorded.draft),
        given=_given(recorded.earned),
        not_applied=_not_applied(recorded.earned),
        head=head_of(recorded.purchase),
        entries=[entry_answer(entry) for entry in recorded.entries],
        paid=_paid(recorded.draft),
        balance=spendable_by(member) if member else None,
    )


def _paid(draft: ReceiptDraft) -> InPoints | None:
    paid = draft.paid_in_points
    return InPoints(paid.points, paid.amount) if paid else None


def _lines(draft: ReceiptDraft) -> list[LineOnRecord]:
    return [
        LineOnRecord(
            number=line.number,
            sku=line.sku or "",
            name=line.name,
            quantity=line.quantity,
            amount=line.amount,
        )
        for line in draft.lines
    ]


def _given(earned: Sequence[Earned]) -> list[GivenPoints]:
    return [
        GivenPoints(
            rule=part.rule_ids[int(award.rule)],
            name=award.name,
            version=award.version,
            points=award.awarded,
            desired=award.desired,
            lines=award.lines,
            why=award.why,
        )
        for part in earned
        for award in part.outcome.awards
    ]


def _not_applied(earned: Sequence[Earned]) -> list[tuple[str, NotApplied]]:
    return [
        (part.rule_ids[int(left.rule)], left)
        for part in earned
        for left in part.outcome.not_applied
    ]
