"""What a receipt that is being rung up takes of the member's points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import Organization
from loyalty.earning.paying import InPoints
from loyalty.errors import NoProgram
from loyalty.queries import chosen_program
from loyalty.receipts import ReceiptDraft
from loyalty.services.spending import (
    METHOD,
    Payer,
    bill_of,
    most_payable,
    paid_in_points,
    refuse_unpayable,
    wished,
)
from members.models import Member
from rewards.errors import MemberNeeded, PointsSentTwice


def payer_of(
    organization: Organization,
    sent: Mapping[str, Any],
    draft: ReceiptDraft,
    *,
    member: Member | None,
) -> Payer | None:
    """Return whose points are to pay, if somebody wishes that any do."""
    if not sent.get("points_to_spend"):
        return None
    if member is None:
        raise MemberNeeded
    if draft.paid_by(METHOD):
        raise PointsSentTwice
    program = chosen_program(organization, sent.get("program"))
    return Payer(organization=organization, program=program, member_id=member.pk)


def wishing(draft: ReceiptDraft, payer: Payer | None, sent: Mapping[str, Any]) -> ReceiptDraft:
    """Return the receipt with the wish to pay with points noted on it, if there is one."""
    return draft if payer is None else wished(draft, payer, sent["points_to_spend"])


def with_points(
    draft: ReceiptDraft, payer: Payer | None, *, is_quote: bool = False
) -> ReceiptDraft:
    """Return the receipt with the payment in points that was asked for, if one was.

    For a quote it is asked already whether the points are there.
    """
    if payer is None or draft.paid_in_points:
        return draft
    paid = paid_in_points(draft, payer)
    if is_quote and paid.paid_in_points:
        refuse_unpayable(payer, paid.paid_in_points.points)
    return paid


def can_pay(
    organization: Organization,
    sent: Mapping[str, Any],
    draft: ReceiptDraft,
    *,
    member: Member | None,
) -> InPoints | None:
    """Return the most points that may pay for a receipt now, where the program takes any."""
    if member is None:
        return None
    try:
        program = chosen_program(organization, sent.get("program"))
    except NoProgram:
        return None
    payer = Payer(organization=organization, program=program, member_id=member.pk)
    return most_payable(payer, bill_of(draft, organization.currency))
