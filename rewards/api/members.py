"""What a member can have, and what they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import page_answer, page_of
from core.api.views import TenantAPIView
from core.models.access import Scope
from members.queries import get_member
from rewards.answers import moment, money
from rewards.api.offer_shapes import OffersShown
from rewards.api.shapes import StampCardsShown, VoucherShown, VouchersQuery
from rewards.kinds import open_details
from rewards.models import Reward
from rewards.queries import voucher_answer, vouchers_held_by
from rewards.services.redemption_answers import end_of_offer
from rewards.services.shelf import Offer, offers_for
from rewards.stamp_strips import stamp_answers


class MemberRewardsView(TenantAPIView):
    """The rewards of a member."""

    scopes: ClassVar = {"get": Scope.REWARDS_READ}
    answers: ClassVar = {"get": {200: OffersShown}}

    def get(self, request: Request, member_id: UUID) -> Response:
        """List the rewards on offer, cheapest first, and whether the member can have them.

        What a member may not know of is not among them.
        """
        member = get_member(self.organization, member_id)
        store = self.caller.store.code if self.caller.store else None
        offers = offers_for(member, store=store)
        return Response({"results": [_offer(offer, request) for offer in offers]})


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


class MemberStampsView(TenantAPIView):
    """The stamp cards of a member."""

    scopes: ClassVar = {"get": Scope.REWARDS_READ}
    answers: ClassVar = {"get": {200: StampCardsShown}}

    def get(self, _request: Request, member_id: UUID) -> Response:
        """List the cards that a member can fill, with their stamps and what is missing."""
        member = get_member(self.organization, member_id)
        return Response({"results": stamp_answers(member, self.organization)})


def _offer(offer: Offer, request: Request) -> dict[str, Any]:
    reward = offer.reward
    return {
        "reward": str(reward.public_id),
        "program": reward.program.slug,
        "name": reward.name,
        "kind": reward.kind,
        "amount": _money(reward.amount),
        "details": open_details(reward.promise),
        "category": reward.category.code if reward.category else None,
        "description": reward.description,
        "terms": reward.terms,
        "picture": _picture(reward, request),
        "picture_alt": reward.picture_alt,
        "points": reward.points,
        "price_money": _money(reward.price_money),
        "ends_at": _ends_at(reward),
        "stores": reward.stores,
        "limit": _limit(reward),
        "missing": offer.missing,
        "sold_out": offer.is_sold_out,
        "reason": offer.reason,
        "choices": [_choice(option) for option in offer.options],
        "can_have": offer.can_have,
    }


def _choice(option: Offer) -> dict[str, Any]:
    return {
        "reward": str(option.reward.public_id),
        "name": option.reward.name,
        "can_have": option.can_have,
        "reason": option.reason,
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)


def _picture(reward: Reward, request: Request) -> str | None:
    if reward.picture_id is None:
        return None
    return request.build_absolute_uri(reverse("picture", args=[reward.picture_id]))


def _ends_at(reward: Reward) -> str | None:
    ends_at = end_of_offer(reward)
    return None if ends_at is None else moment(ends_at)


def _limit(reward: Reward) -> dict[str, Any] | None:
    if reward.limit_count is None:
        return None
    return {"count": reward.limit_count, "period": reward.limit_period}
