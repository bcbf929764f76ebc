"""Returns: of a purchase that is known by its id, or by the number its source gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request

from core.api.views import TenantAPIView
from core.idempotency import Answer
from core.models.access import Scope
from loyalty.errors import FutureDate, NothingReturned
from loyalty.models import Return
from loyalty.queries import purchases_of
from loyalty.services.returns import ReturnWish, record_return
from rewards.answers import return_answer
from rewards.api.bound import source_of
from rewards.api.shapes import ParkedShown, ReturnBody, ReturnOfSale, ReturnShown
from rewards.gift_card_answers import moves_answer
from rewards.queries import balance_after_return
from rewards.services.baskets import CLOCK_SKEW


class _Returning(TenantAPIView):
    """What both ways to return have in common."""

    scopes: ClassVar = {}

    def take_back(self, sent: dict[str, Any], sale: Mapping[str, str]) -> HttpResponse:
        """Record the return once, and say what it took back."""

        def act(request_key: str) -> Answer:
            done = record_return(
                organization_id=self.organization.pk,
                wish=_wish(sent, sale, source_of(self.caller), request_key),
                actor=self.actor,
            )
            if done.row.status == Return.Status.PARKED:
                return Answer(202, {"id": str(done.row.public_id), "status": "parked"})
            moved = moves_answer(done.row.gift_card_entries.of_return(), shows_codes=True)
            told = return_answer(done, balance_after_return(done))
            return Answer(201, {**told, "gift_cards": moved})

        return self.answer_keyed(sent, act)


class PurchaseReturnsView(_Returning):
    """Returns of one purchase."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": ReturnBody}
    answers: ClassVar = {"post": {201: ReturnShown}}

    def post(self, _request: Request, purchase_id: UUID) -> HttpResponse:
        """Take back lines or an amount, and exactly the points they earned."""
        purchase = get_object_or_404(purchases_of(self.organization), public_id=purchase_id)
        sale = {"source": purchase.source, "external_id": purchase.external_id}
        return self.take_back(self.read(), sale)


class ReturnsView(_Returning):
    """Returns of sales that are named by their number, known or not yet."""

    scopes: ClassVar = {"post": Scope.PURCHASES_WRITE}
    bodies: ClassVar = {"post": ReturnOfSale}
    answers: ClassVar = {"post": {201: ReturnShown, 202: ParkedShown}}

    def post(self, _request: Request) -> HttpResponse:
        """Take back lines or an amount; wait for the sale when it is not known yet."""
        sent = self.read()
        named = sent["purchase"]
        sale = {"source": source_of(self.caller), **named}
        return self.take_back(sent, sale)


def _wish(
    sent: Mapping[str, Any], sale: Mapping[str, str], source: str, request_key: str
) -> ReturnWish:
    if ("lines" in sent) == ("amount" in sent):
        raise NothingReturned(field="lines")
    now = timezone.now()
    occurred_at = sent.get("occurred_at") or now
    if occurred_at > now + CLOCK_SKEW:
        raise FutureDate
    quantities: dict[int, Any] = {}
    for line in sent.get("lines", ()):
        quantities[line["line"]] = quantities.get(line["line"], 0) + line["quantity"]
    return ReturnWish(
        source=source,
        external_id=sent["external_id"],
        sale_source=sale["source"],
        sale_external_id=sale["external_id"],
        occurred_at=occurred_at,
        request_key=request_key,
        quantities=quantities,
        amount=sent.get("amount"),
    )
