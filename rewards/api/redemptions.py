"""Rewards taken for points."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Empty
from core.api.views import TenantAPIView
from core.models.access import Scope
from core.queries import stores_of
from members.errors import MemberUnknown, StoreUnknown
from rewards.api.bound import bound_to_place
from rewards.api.shapes import CancelBody, RedemptionBody, RedemptionShown
from rewards.errors import RewardUnknown
from rewards.models import Redemption
from rewards.queries import redemptions_of, rewards_of
from rewards.services.baskets import member_of
from rewards.services.redemption_answers import redemption_answer
from rewards.services.redemptions import cancel_redemption, capture_redemption, redeem

HOLD_SECONDS_DEFAULT = 600


class RedemptionsView(TenantAPIView):
    """Rewards taken or set aside."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": RedemptionBody}
    answers: ClassVar = {"post": {201: RedemptionShown}}

    def post(self, _request: Request) -> HttpResponse:
        """Take a reward for its price in points, or set it aside with `hold`.

        A reward that is one of several asks for `choice`.
        """
        sent = self.read()
        return self.answer_keyed(sent, lambda key: redemption_answer(self._redeem(sent, key)))

    def _redeem(self, sent: dict[str, Any], request_key: str) -> Redemption:
        member = member_of(self.organization, sent["member"])
        if member is None:
            raise MemberUnknown
        reward = rewards_of(self.organization).filter(public_id=sent["reward"]).first()
        if reward is None:
            raise RewardUnknown
        holds = sent.get("hold") or "hold_seconds" in sent
        return redeem(
            reward_id=reward.pk,
            member_id=member.pk,
            actor=self.actor,
            request_key=request_key,
            store_id=self._store_id(sent),
            hold_seconds=sent.get("hold_seconds", HOLD_SECONDS_DEFAULT) if holds else None,
            choice=sent.get("choice"),
        )

    def _store_id(self, sent: dict[str, Any]) -> int | None:
        code = bound_to_place(self.caller, sent).get("store")
        if code is None:
            return self.caller.store.pk if self.caller.store else None
        store = stores_of(self.organization).filter(code=code).first()
        if store is None:
            raise StoreUnknown
        return store.pk


class RedemptionView(TenantAPIView):
    """One redemption."""

    scopes: ClassVar = {"get": Scope.REWARDS_WRITE}
    answers: ClassVar = {"get": {200: RedemptionShown}}

    def get(self, _request: Request, redemption_id: UUID) -> HttpResponse:
        """Show a redemption."""
        redemption = get_object_or_404(redemptions_of(self.organization), public_id=redemption_id)
        return Response(redemption_answer(redemption))


class CaptureView(TenantAPIView):
    """Hands over what was set aside."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": Empty}
    answers: ClassVar = {"post": {200: RedemptionShown}}

    def post(self, _request: Request, redemption_id: UUID) -> HttpResponse:
        """Spend the points that were set aside."""
        found = get_object_or_404(redemptions_of(self.organization), public_id=redemption_id)

        def act(request_key: str) -> dict[str, Any]:
            return redemption_answer(
                capture_redemption(
                    redemption_id=found.pk, actor=self.actor, request_key=request_key
                )
            )

        return self.answer_keyed(self.read(), act, status=200)


class CancelView(TenantAPIView):
    """Undoes a redemption."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": CancelBody}
    answers: ClassVar = {"post": {200: RedemptionShown}}

    def post(self, _request: Request, redemption_id: UUID) -> HttpResponse:
        """Give the points back to the lots they came from."""
        found = get_object_or_404(redemptions_of(self.organization), public_id=redemption_id)
        sent = self.read()

        def act(request_key: str) -> dict[str, Any]:
            return redemption_answer(
                cancel_redemption(
                    redemption_id=found.pk,
                    reason=sent["reason"],
                    actor=self.actor,
                    request_key=request_key,
                )
            )

        return self.answer_keyed(sent, act, status=200)
