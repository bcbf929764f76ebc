"""How many of the vouchers that stamp cards gave were used."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, OuterRef, Subquery

from loyalty.models import StampCard, StampSheet
from loyalty.services.stamp_gifts import FULL
from rewards.models import Voucher


def used_by_cards(cards: Iterable[StampCard]) -> dict[int, int]:
    """Return how many vouchers of full stamp cards were used, by the card's key."""
    sheet = StampSheet.objects.filter(pk=OuterRef("redemption__grant__cause_id"))
    given = Voucher.objects.filter(status=Voucher.Status.USED, redemption__grant__cause=FULL)
    of_cards = given.annotate(card=Subquery(sheet.values("card_id")[:1])).filter(
        card__in=[card.pk for card in cards]
    )
    return dict(of_cards.values_list("card").annotate(Count("pk")).order_by())
