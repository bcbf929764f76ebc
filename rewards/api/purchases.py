"""Quotes and purchases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import Caller
from core.api.serializers import Empty
from core.api.views import TenantAPIView
from core.idempotency import check_key
from core.models.access import Scope
from loyalty.queries import purchases_of
from loyalty.services.claims import claim_purchase
from loyalty.services.settling import settle_purchase
from rewards.answers import moment, purchase_answer, quote_answer
from rewards.api.asking import asker_of
from rewards.api.bound import bound_to_place, source_of
from rewards.api.shapes import (
    ClaimBody,
    PurchaseQuery,
    PurchaseShown,
    PurchasesShown,
    QuotedBasket,
    QuoteShown,
    SoldBasket,
)
from rewards.queries import receipt_of, receipt_view
from rewards.services.baskets import Number, member_of
from rewards.services.checkout import quote, quote_and_hold, ring_up
from rewards.services.gift_card_finding import against_guessing
from rewards.services.gift_payments import (
    codes_with_pins,
    moves_gift_cards,
    names_gift_cards,
    without_pins,
)
from rewards.services.voucher_finding import against_voucher_guessing


def refuse_beyond_scopes(caller: Caller, sent: dict[str, Any]) -> None:
    """Refuse what a receipt does besides being one, where the key may not do it by itself.

    Raises ``ScopeMissing``. Vouchers are part of a receipt.
    """
    if moves_gift_cards(sent):
        caller.must_hold(Scope.GIFT_CARDS_WRITE)
    if sent.get("rewards"):
        caller.must_hold(Scope.REWARDS_WRITE)


class QuotesView(TenantAPIView):
    """What a receipt would come to and earn; nothing is recorded."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": QuotedBasket}
    answers: ClassVar = {"post": {200: QuoteShown, 201: QuoteShown}}
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> HttpResponse:
        """Price a receipt and explain what it would earn; with ``hold`` promise the price.

        Gift cards need the scope `gift-cards:write` besides, rewards `rewards:write`.
        """
        sent = bound_to_place(self.caller, self.read())
        refuse_beyond_scopes(self.caller, sent)
        with against_voucher_guessing(asker=asker_of(self), codes=sent.get("vouchers", ())):
            if sent.get("hold"):
                return self._hold(sent)
            return Response(quote_answer(quote(organization=self.organization, sent=sent)))

    def _hold(self, sent: dict[str, Any]) -> HttpResponse:
        check_key(self.idempotency_key)

        def act(request_key: str) -> dict[str, Any]:
            held, view = quote_and_hold(
                organization=self.organization,
                sent=sent,
                actor=self.actor,
                request_key=request_key,
            )
            promised = {"quote": str(held.public_id), "expires_at": moment(held.expires_at)}
            return {**promised, **quote_answer(view)}

        return self.answer_keyed(sent, act)


class PurchasesView(TenantAPIView):
    """Receipts: recorded once each, found by their number."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE, "get": Scope.PURCHASES_READ}
    bodies: ClassVar = {"post": SoldBasket}
    queries: ClassVar = {"get": PurchaseQuery}
    answers: ClassVar = {"post": {201: PurchaseShown}, "get": {200: PurchasesShown}}

    def post(self, _request: Request) -> HttpResponse:
        """Record a receipt and give the points it earns.

        Gift cards need the scope `gift-cards:write` besides, rewards `rewards:write`.
        """
        sent = self.read()
        refuse_beyond_scopes(self.caller, sent)

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

        with against_voucher_guessing(asker=asker_of(self), codes=sent.get("vouchers", ())):
            return self._record(sent, act)

    def get(self, _request: Request) -> HttpResponse:
        """Find a receipt by the number its source gave it."""
        wanted = self.query()
        found = purchases_of(self.organization).filter(external_id=wanted["external_id"])
        if "source" in wanted:
            found = found.filter(source=wanted["source"])
        views = [receipt_view(self.organization, one) for one in found.order_by("pk")[:10]]
        return Response({"results": [purchase_answer(view) for view in views]})

    def _record(self, sent: dict[str, Any], act: Callable[[str], dict[str, Any]]) -> HttpResponse:
        if not names_gift_cards(sent):
            return self.answer_keyed(sent, act)
        with against_guessing(
            organization=self.organization, actor=self.actor, pins_for=codes_with_pins(sent)
        ):
            return self.answer_keyed(without_pins(sent), act)


class SettleView(TenantAPIView):
    """Settles a receipt."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": Empty}
    answers: ClassVar = {"post": {200: PurchaseShown}}

    def post(self, _request: Request, purchase_id: UUID) -> HttpResponse:
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

    def post(self, _request: Request, purchase_id: UUID) -> HttpResponse:
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

    def get(self, _request: Request, purchase_id: UUID) -> HttpResponse:
        """Show a receipt, what it earned and what came back."""
        return Response(purchase_answer(receipt_of(self.organization, purchase_id)))
