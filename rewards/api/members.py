"""What a member can have, and what they hold."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import page_answer, page_of
from core.api.views import TenantAPIView
from core.models.access import Scope
from members.queries import get_member
from rewards.answers import money
from rewards.api.shapes import OffersShown, VoucherShown, VouchersQuery
from rewards.queries import Offer, offers_for, voucher_answer, vouchers_held_by


class MemberRewardsView(TenantAPIView):
    """The rewards of a member."""

    scopes: ClassVar = {"get": Scope.REWARDS_READ}
    answers: ClassVar = {"get": {200: OffersShown}}

    def get(self, _request: Request, member_id: UUID) -> Response:
        """List the rewards on offer, cheapest first, and whether the member can have them."""
        member = get_member(self.organization, member_id)
        return Response({"results": [_offer(offer) for offer in offers_for(member)]})


class MemberVouchersView(TenantAPIView):
    """The vouchers of a member."""

    scopes: ClassVar = {"get": Scope.REWARDS_READ}
    queries: ClassVar = {"get": VouchersQuery}
    answers: ClassVar = {"get": {200: page_answer(VoucherShown)}}

    def get(self, _request: Request, member_id: UUID) -> Response:
        """List a member's vouchers, newest first, perhaps only those of one status."""
        query = self.query()
        vouchers = vouchers_held_by(get_member(self.organization, member_id))
        if "status" in query:
            vouchers = vouchers.filter(status=query["status"])
        page = page_of(vouchers, self, query, by=("-issued_at", "-pk"))
        return Response(
            {"results": [voucher_answer(one) for one in page.results], "next": page.next}
        )


def _offer(offer: Offer) -> dict[str, Any]:
    reward = offer.reward
    return {
        "reward": str(reward.public_id),
        "program": reward.program.slug,
        "name": reward.name,
        "kind": reward.kind,
        "amount": None if reward.amount is None else money(reward.amount),
        "description": reward.description,
        "terms": reward.terms,
        "points": reward.points,
        "missing": offer.missing,
        "sold_out": offer.is_sold_out,
        "can_have": offer.can_have,
    }
