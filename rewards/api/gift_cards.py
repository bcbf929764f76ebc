"""Gift cards for shop systems: sold, loaded, charged, refunded, and what is on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import TenantAPIView
from core.errors import Missing
from core.models.access import Scope
from core.queries import store_named
from loyalty.models import Purchase
from loyalty.queries import purchases_of
from members.emails import clean_email
from members.errors import StoreUnknown
from rewards.api.bound import bound_to_place, source_of
from rewards.api.gift_card_shapes import CardAnswer, CardShown, MoveBody, SellBody
from rewards.gift_card_answers import card_answer
from rewards.models import GiftCard
from rewards.services.baskets import member_of
from rewards.services.gift_card_finding import (
    Asker,
    against_guessing,
    find_card,
    find_unsold_or_refuse,
    without_pin,
)
from rewards.services.gift_card_ledger import Booking, reference_of
from rewards.services.gift_card_terms import refuse_currency
from rewards.services.gift_cards import NewGiftCard, charge, find_charged, load, refund, sell

Move = Callable[..., GiftCard]


class _Cards(TenantAPIView):
    """What all calls about gift cards have in common."""

    scopes: ClassVar = {}

    def answer_carefully(
        self, sent: dict[str, Any], act: Callable[[str], dict[str, Any]], *, status: int
    ) -> HttpResponse:
        """Do something once, by somebody who is not just trying codes."""
        pins_for = [sent["code"]] if sent.get("pin") and "code" in sent else []
        with against_guessing(organization=self.organization, actor=self.actor, pins_for=pins_for):
            return self.answer_keyed(without_pin(sent), act, status=status)

    def asker(self, sent: dict[str, Any]) -> Asker:
        """Return who shows the card."""
        return Asker(actor=self.actor, pin=sent.get("pin", ""))

    def booking(self, sent: dict[str, Any], request_key: str) -> Booking:
        """Return whose doing it is, and for which sale."""
        purchase = self._purchase(sent)
        number = sent.get("external_id", "")
        reference = reference_of(self._source(sent), number) if number else ""
        if purchase is not None:
            reference = reference_of(purchase.source, purchase.external_id)
        return Booking(
            actor=self.actor.name,
            request_key=f"{request_key}:gift_card",
            purchase_id=purchase.pk if purchase else None,
            reference=reference,
        )

    def _purchase(self, sent: dict[str, Any]) -> Purchase | None:
        """Return the sale on record that is meant, if one is."""
        purchases = purchases_of(self.organization)
        if "purchase" in sent:
            named = purchases.filter(public_id=sent["purchase"]).first()
            if named is None:
                raise Missing(field="purchase")
            return named
        number = sent.get("external_id")
        return purchases.filter(source=self._source(sent), external_id=number).first()

    def _source(self, sent: dict[str, Any]) -> str:
        return str(sent.get("source") or source_of(self.caller))


class GiftCardsView(_Cards):
    """Gift cards that are sold."""

    scopes: ClassVar = {"post": Scope.GIFT_CARDS_WRITE}
    bodies: ClassVar = {"post": SellBody}
    answers: ClassVar = {"post": {201: CardAnswer}}

    def post(self, _request: Request) -> HttpResponse:
        """Sell a gift card: a new one, whose code is in the answer, or a printed one."""
        sent = self.read()

        def act(request_key: str) -> dict[str, Any]:
            new = self._new(sent)
            booking = self.booking(sent, request_key)
            return card_answer(sell(organization_id=self.organization.pk, new=new, booking=booking))

        return self.answer_carefully(sent, act, status=201)

    def _new(self, sent: dict[str, Any]) -> NewGiftCard:
        code, member = sent.get("code"), member_of(self.organization, sent.get("member"))
        blank = code and find_unsold_or_refuse(self.organization, code, self.actor)
        return NewGiftCard(
            amount=sent["amount"],
            currency=sent["currency"],
            blank_id=blank.pk if blank else None,
            pin=sent.get("pin", ""),
            member_id=member.pk if member else None,
            store_id=self._store_id(sent),
            email=clean_email(sent["email"]) if "email" in sent else "",
        )

    def _store_id(self, sent: dict[str, Any]) -> int | None:
        code = bound_to_place(self.caller, sent).get("store")
        if code is None:
            return self.caller.store.pk if self.caller.store else None
        store = store_named(self.organization, code)
        if store is None:
            raise StoreUnknown
        return store.pk


class _Moving(_Cards):
    """Money that is moved on one card."""

    scopes: ClassVar = {}

    def move(self, service: Move) -> HttpResponse:
        """Move money on the card that is shown, once."""
        sent = self.read()

        def act(request_key: str) -> dict[str, Any]:
            booking = self.booking(sent, request_key)
            card = self.find(sent, booking)
            refuse_currency(card.currency, sent["currency"])
            return card_answer(service(card_id=card.pk, amount=sent["amount"], booking=booking))

        return self.answer_carefully(sent, act, status=200)

    def find(self, sent: dict[str, Any], _booking: Booking) -> GiftCard:
        """Return the card that is shown, by somebody who may use it."""
        return find_card(organization=self.organization, typed=sent["code"], asker=self.asker(sent))


class LoadView(_Moving):
    """Puts money on."""

    scopes: ClassVar = {"post": Scope.GIFT_CARDS_WRITE}
    bodies: ClassVar = {"post": MoveBody}
    answers: ClassVar = {"post": {200: CardAnswer}}

    def post(self, _request: Request) -> HttpResponse:
        """Put more money on a gift card."""
        return self.move(load)


class ChargeView(_Moving):
    """Takes money off."""

    scopes: ClassVar = {"post": Scope.GIFT_CARDS_WRITE}
    bodies: ClassVar = {"post": MoveBody}
    answers: ClassVar = {"post": {200: CardAnswer}}

    def post(self, _request: Request) -> HttpResponse:
        """Pay with a gift card: the whole amount, or nothing."""
        return self.move(charge)


class RefundView(_Moving):
    """Puts back what was charged."""

    scopes: ClassVar = {"post": Scope.GIFT_CARDS_WRITE}
    bodies: ClassVar = {"post": MoveBody}
    answers: ClassVar = {"post": {200: CardAnswer}}

    def post(self, _request: Request) -> HttpResponse:
        """Put back what was charged for a sale; the answer is the card that holds it now."""
        return self.move(refund)

    def find(self, sent: dict[str, Any], booking: Booking) -> GiftCard:
        """Return the card that paid; it may have ended since, and needs no PIN to be given back."""
        return find_charged(
            organization=self.organization,
            typed=sent["code"],
            actor=self.actor,
            reference=booking.reference,
        )


class BalanceView(_Cards):
    """What is on a card."""

    scopes: ClassVar = {"post": Scope.GIFT_CARDS_WRITE}
    bodies: ClassVar = {"post": CardShown}
    answers: ClassVar = {"post": {200: CardAnswer}}
    keyless: ClassVar = frozenset({"post"})

    def post(self, _request: Request) -> HttpResponse:
        """Say what is on a gift card to who has its code, and its PIN where it has one."""
        sent = self.read()
        pins_for = [sent["code"]] if sent.get("pin") else []
        with against_guessing(organization=self.organization, actor=self.actor, pins_for=pins_for):
            card = find_card(
                organization=self.organization, typed=sent["code"], asker=self.asker(sent)
            )
        return Response(card_answer(card))
