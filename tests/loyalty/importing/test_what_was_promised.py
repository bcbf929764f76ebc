"""What rules had promised when old receipts were rung up: given with them, and nobody is told."""

from datetime import UTC, datetime

import pytest

from core.models import OutboxEvent
from rewards.models import GiftCard, MissedTicket, Voucher
from tests.draws import of_draw, opened
from tests.loyalty.importing.files import row


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("gift_card", {"amount": 10}),
        ("draw_ticket", {"details": {"draw": "summer", "tickets": 3}}),
        ("experience", {}),
    ],
)
def test_what_history_had_promised_is_given_and_nobody_is_told(imported, shop, kind, details):
    draw = opened(shop, code="summer", opens_at=datetime(2011, 5, 1, tzinfo=UTC))
    reward = shop.reward(80, kind=kind, **details)
    effect = {"type": "voucher", "reward": reward.code}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})
    before = OutboxEvent.objects.count()

    imported([row("536365")])

    told = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)[before:]
    assert list(told) == ["import.finished"]
    assert Voucher.objects.get().status == "issued"
    cards = GiftCard.objects.values_list("balance", "status")
    assert list(cards) == ([(10, "active")] if kind == "gift_card" else [])
    assert of_draw(draw) == ([(1, 3, True)] if kind == "draw_ticket" else [])


def test_history_wins_no_tickets_of_a_draw_that_opened_later(imported, shop):
    draw = opened(shop)
    reward = shop.reward(80, kind="draw_ticket", details={"draw": draw.code, "tickets": 3})
    effect = {"type": "voucher", "reward": reward.code}
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect})

    imported([row("536365")])

    assert of_draw(draw) == []
    assert [(one.count, one.why) for one in MissedTicket.objects.all()] == [(3, "too_early")]
