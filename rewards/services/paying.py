"""What a receipt that is being rung up takes of the member's points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import Organization
from loyalty.earning.paying import InPoints
from loyalty.errors import NoProgram
from loyalty.queries import chosen_program
from loyalty.receipts import ReceiptDraft
from loyalty.services import purchases
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


def with_points(
    organization: Organization,
    sent: Mapping[str, Any],
    draft: ReceiptDraft,
    *,
    member: Member | None,
    is_quote: bool = False,
) -> ReceiptDraft:
    """Return the receipt with the payment in points that was asked for, if one was.

    A receipt that is on record is refused as such before anybody asks what it was paid with; for
    a quote it is asked already whether the points are there.
    """
    points = sent.get("points_to_spend")
    if not points:
        return draft
    if member is None:
        raise MemberNeeded
    if draft.paid_by(METHOD):
        raise PointsSentTwice
    program = chosen_program(organization, sent.get("program"))
    payer = Payer(organization=organization, program=program, member_id=member.pk)
    wish = wished(draft, payer, points)
    if not is_quote:
        purchases.refuse_known(organization_id=organization.pk, draft=wish)
    paid = paid_in_points(wish, payer)
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
