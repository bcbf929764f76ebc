"""The checkout: what a receipt comes to and earns, and its recording, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.actors import Actor
from core.models import Organization
from core.transactions import atomic_part
from loyalty.earning.outcome import NotApplied
from loyalty.errors import DuplicateReceipt
from loyalty.receipts import ReceiptDraft
from loyalty.services import purchases
from loyalty.services.recorded import Earned, Recorded
from members.models import Member
from rewards.answers import (
    NO_TIER,
    GivenPoints,
    LineOnRecord,
    ReceiptView,
    TierOnReceipt,
    purchase_answer,
    quote_answer,
)
from rewards.errors import QuoteChanged
from rewards.gift_card_answers import moves_answer
from rewards.models import GiftCardEntry, Quote
from rewards.pricing import paid_in_all
from rewards.queries import entry_answer, head_of, receipt_of, spendable_by
from rewards.services.baskets import Number, Place
from rewards.services.bills import Bill, asked_for, bill_to_quote, bill_to_record, in_points
from rewards.services.card_words import on_cards, would_be_on_cards
from rewards.services.gift_payments import move_gift_cards
from rewards.services.paying import can_pay
from rewards.services.quotes import hold_quote
from rewards.services.using import Desk, use_up


def quote(*, organization: Organization, sent: Mapping[str, Any]) -> ReceiptView:
    """Price a receipt and work out what it would earn, by the engine that would record it."""
    asked = asked_for(organization, sent)
    bill = bill_to_quote(asked)
    most = can_pay(organization, sent, bill.priced.draft, member=asked.member)
    return replace(_preview(bill), can_pay=most)


@atomic_part
def quote_and_hold(
    *, organization: Organization, sent: Mapping[str, Any], actor: Actor, request_key: str
) -> tuple[Quote, ReceiptView]:
    """Do the same and promise the price for some minutes, with what it takes set aside."""
    bill = bill_to_quote(asked_for(organization, sent))
    view = _preview(bill)
    return hold_quote(bill=bill, actor=actor, request_key=request_key), view


@atomic_part
def ring_up(
    *,
    organization: Organization,
    sent: Mapping[str, Any],
    number: Number,
    actor: Actor,
    place: Place | None = None,
) -> ReceiptView:
    """Price a receipt, record it, use what was taken off it, and give what it earns.

    Raises ``DuplicateReceipt`` with the whole original when the same receipt is on record, and
    ``QuoteChanged`` with the new quote when it comes to another amount than expected.
    """
    try:
        asked = asked_for(organization, sent, number=number, place=place, actor=actor)
        bill = bill_to_record(asked)
        _refuse_surprise(bill)
        recorded = purchases.record(organization_id=organization.pk, draft=bill.draft, actor=actor)
    except DuplicateReceipt as known:
        original = receipt_of(organization, known.data["purchase"])
        raise DuplicateReceipt(purchase=purchase_answer(original)) from known
    desk = Desk(
        actor=actor,
        member=asked.member,
        request_key=number.request_key,
        quote_id=bill.quote_id,
    )
    discounts = use_up(bill.priced, recorded.purchase, desk)
    recorded.purchase.store, recorded.purchase.member = asked.place.store, asked.member
    moved = move_gift_cards(asked.cards, recorded) if asked.cards else []
    view = _on_record(organization, recorded, asked.member, moved)
    return replace(view, discounts=discounts, left_out=bill.priced.left_out)


def _refuse_surprise(bill: Bill) -> None:
    """Refuse another amount than was expected or quoted, or less than was paid for by now."""
    sent, organization = bill.asked.sent, bill.asked.organization
    expected = sent.get("expected_total_due")
    is_overpaid = paid_in_all(sent.get("payments", ())) > bill.draft.total
    is_other = expected is not None and expected != bill.due
    if is_overpaid or is_other or not bill.is_as_quoted:
        purchases.refuse_known(organization_id=organization.pk, draft=bill.draft)
        raise QuoteChanged(quote=quote_answer(_preview(bill)))


def _preview(bill: Bill) -> ReceiptView:
    organization, draft = bill.asked.organization, bill.draft
    earned = purchases.preview(organization_id=organization.pk, draft=draft)
    return ReceiptView(
        currency=organization.currency,
        total=draft.total,
        lines=_lines(draft),
        given=_given(earned),
        not_applied=_not_applied(earned),
        discounts=bill.priced.taken,
        left_out=bill.priced.left_out,
        on_cards=would_be_on_cards(earned, bill.member),
        paid=bill.paid,
    )


def _on_record(
    organization: Organization,
    recorded: Recorded,
    member: Member | None,
    moved: Sequence[GiftCardEntry],
) -> ReceiptView:
    return ReceiptView(
        currency=organization.currency,
        total=recorded.purchase.total,
        lines=_lines(recorded.draft),
        given=_given(recorded.earned),
        not_applied=_not_applied(recorded.earned),
        head=head_of(recorded.purchase),
        entries=[entry_answer(entry) for entry in recorded.entries],
        grants=[grant for part in recorded.earned for grant in part.followed.grants],
        on_cards=on_cards(recorded.earned),
        tier=_tier(recorded),
        paid=in_points(recorded.draft),
        gift_cards=moves_answer(moved, shows_codes=True),
        balance=spendable_by(member) if member else None,
    )


def _tier(recorded: Recorded) -> TierOnReceipt:
    """Return the tier after a purchase in the first program that has tiers."""
    moves = [part.followed.tier for part in recorded.earned if part.followed.tier is not None]
    if not moves:
        return NO_TIER
    is_changed = moves[0].before != moves[0].after
    return TierOnReceipt(moves[0].name, is_changed, is_changed and moves[0].is_up)


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
            goal=award.goal,
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
