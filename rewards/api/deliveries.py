"""Where rewards go that are sent or picked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from core.api.views import TenantAPIView
from core.errors import Refusal
from core.models import Organization
from core.models.access import Scope
from core.queries import store_named
from members.errors import StoreUnknown
from rewards.addresses import Address
from rewards.api.delivery_shapes import DeliveryBody
from rewards.api.shapes import RedemptionShown
from rewards.delivery_errors import (
    AddressNeeded,
    DeliveryTooEarly,
    NothingToDeliver,
    NotPickedUpThere,
    PickupStoreNeeded,
)
from rewards.fulfillment_queries import fulfillment_on
from rewards.models import Redemption
from rewards.queries import redemptions_of
from rewards.services.fulfillments import Where, say_where
from rewards.services.redemption_answers import redemption_answer

ABOUT_PLACES = (AddressNeeded, PickupStoreNeeded, NotPickedUpThere)


class DeliveryView(TenantAPIView):
    """Where one redemption goes."""

    scopes: ClassVar = {"post": Scope.REWARDS_WRITE}
    bodies: ClassVar = {"post": DeliveryBody}
    answers: ClassVar = {"post": {200: RedemptionShown}}

    def post(self, _request: Request, redemption_id: UUID) -> HttpResponse:
        """Say where a reward is sent or picked up, or say so anew until it is packed."""
        found = get_object_or_404(redemptions_of(self.organization), public_id=redemption_id)
        sent = self.read()

        def act(_request_key: str) -> dict[str, Any]:
            say_where(
                fulfillment_id=_fulfillment_id(found),
                where=where_in(sent, self.organization),
                actor=self.actor,
            )
            return redemption_answer(found)

        return self.answer_keyed(sent, act, status=200)


def where_in(sent: Mapping[str, Any], organization: Organization) -> Where:
    """Return where something goes, of what a caller sent; raises ``StoreUnknown``."""
    address = sent.get("address")
    return Where(
        store_id=_store_id(sent.get("store"), organization),
        address=None if address is None else Address(**address),
        note=sent.get("note", ""),
    )


@contextmanager
def about_delivery() -> Iterator[None]:
    """Say of what is refused about where it goes that it was sent as `delivery`."""
    try:
        yield
    except Refusal as refusal:
        field = refusal.field or ""
        if isinstance(refusal, ABOUT_PLACES) or field.startswith(("address.", "note")):
            refusal.field = f"delivery.{field}"
        raise


def _store_id(code: str | None, organization: Organization) -> int | None:
    if code is None:
        return None
    store = store_named(organization, code)
    if store is None:
        raise StoreUnknown
    return store.pk


def _fulfillment_id(redemption: Redemption) -> int:
    found = fulfillment_on(redemption)
    if found is not None:
        return found.pk
    raise DeliveryTooEarly if redemption.delivery else NothingToDeliver
