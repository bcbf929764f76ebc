"""Quotes and purchases."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Empty
from core.api.views import TenantAPIView
from core.models.access import Scope
from loyalty.queries import purchases_of
from loyalty.services.claims import claim_purchase
from loyalty.services.settling import settle_purchase
from rewards.answers import purchase_answer, quote_answer
from rewards.api.bound import bound_to_place, source_of
from rewards.api.shapes import (
    Basket,
    ClaimBody,
    PurchaseQuery,
    PurchaseShown,
    PurchasesShown,
    QuoteShown,
    SoldBasket,
)
from rewards.queries import receipt_of, receipt_view
from rewards.services.baskets import Number, member_of
from rewards.services.checkout import quote, ring_up


class QuotesView(TenantAPIView):
    """What a receipt would come to and earn; nothing is recorded."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": Basket}
    answers: ClassVar = {"post": {200: QuoteShown}}
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> Response:
        """Price a receipt and explain what it would earn."""
        sent = bound_to_place(self.caller, self.read())
        return Response(quote_answer(quote(organization=self.organization, sent=sent)))


class PurchasesView(TenantAPIView):
    """Receipts: recorded once each, found by their number."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE, "get": Scope.PURCHASES_READ}
    bodies: ClassVar = {"post": SoldBasket}
    queries: ClassVar = {"get": PurchaseQuery}
    answers: ClassVar = {"post": {201: PurchaseShown}, "get": {200: PurchasesShown}}

    def post(self, _request: Request) -> Response:
        """Record a receipt and give the points it earns."""
        sent = self.read()

        def act(request_key: str) -> dict[str, Any]:
            number = Number(
                source=sent.get("source") or source_of(self.caller),
                external_id=sent["external_id"],
                request_key=request_key,
            )
            view = ring_up(
                organization=self.organization,
                sent=bound_to_place(self.caller, sent),
                number=number,
                actor=self.actor,
            )
            return purchase_answer(view)

        return self.answer_keyed(sent, act)

    def get(self, _request: Request) -> Response:
        """Find a receipt by the number its source gave it."""
        wanted = self.query()
        found = purchases_of(self.organization).filter(external_id=wanted["external_id"])
        if "source" in wanted:
            found = found.filter(source=wanted["source"])
        views = [receipt_view(self.organization, one) for one in found.order_by("pk")[:10]]
        return Response({"results": [purchase_answer(view) for view in views]})


class SettleView(TenantAPIView):
    """Settles a receipt."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": Empty}
    answers: ClassVar = {"post": {200: PurchaseShown}}

    def post(self, _request: Request, purchase_id: UUID) -> Response:
        """Let the points that wait for a receipt be spent from now on."""
        found = get_object_or_404(purchases_of(self.organization), public_id=purchase_id)

        def act(_request_key: str) -> dict[str, Any]:
            settle_purchase(purchase_id=found.pk, actor=self.actor)
            return purchase_answer(receipt_of(self.organization, purchase_id))

        return self.answer_keyed(self.read(), act, status=200)


class ClaimView(TenantAPIView):
    """Gives a guest's receipt to a member."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": ClaimBody}
    answers: ClassVar = {"post": {200: PurchaseShown}}

    def post(self, _request: Request, purchase_id: UUID) -> Response:
        """Let a member claim a receipt without one; what has not come back earns by its day."""
        found = get_object_or_404(purchases_of(self.organization), public_id=purchase_id)
        sent = self.read()

        def act(request_key: str) -> dict[str, Any]:
            member = member_of(self.organization, sent["member"])
            assert member is not None, "the shape asks for one"
            claim_purchase(
                purchase_id=found.pk,
                member_id=member.pk,
                actor=self.actor,
                request_key=request_key,
            )
            return purchase_answer(receipt_of(self.organization, purchase_id))

        return self.answer_keyed(sent, act, status=200)


class PurchaseView(TenantAPIView):
    """One receipt."""

    scopes: ClassVar = {"get": Scope.PURCHASES_READ}
    answers: ClassVar = {"get": {200: PurchaseShown}}

    def get(self, _request: Request, purchase_id: UUID) -> Response:
        """Show a receipt, what it earned and what came back."""
        return Response(purchase_answer(receipt_of(self.organization, purchase_id)))
