"""What is told of gift cards, the same for the API, the till and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rewards.answers import Answer, moment, money
from rewards.gift_card_codes import grouped, masked
from rewards.models import GiftCard, GiftCardEntry

ON_RECEIPTS = {
    GiftCardEntry.Kind.LOAD: "sold",
    GiftCardEntry.Kind.CHARGE: "paid",
    GiftCardEntry.Kind.REFUND: "put_back",
    GiftCardEntry.Kind.ADJUST: "taken_back",
}


def card_answer(card: GiftCard) -> Answer:
    """Say what is on a card to somebody who has shown its code."""
    return {"code": grouped(card.code), **_worth(card)}


def moves_answer(entries: Iterable[GiftCardEntry], *, shows_codes: bool = False) -> list[Answer]:
    """Say what happened to cards with a receipt; a code is shown only when it is new."""
    return [_move(entry, shows_codes=shows_codes) for entry in entries]


def _move(entry: GiftCardEntry, *, shows_codes: bool) -> dict[str, Any]:
    card = entry.card
    is_new = entry.kind == GiftCardEntry.Kind.LOAD and shows_codes
    return {
        "what": _what(entry),
        "line": entry.line,
        "amount": money(abs(entry.amount)),
        "code": grouped(card.code) if is_new else masked(card.code),
        **_worth(card),
    }


def _what(entry: GiftCardEntry) -> str:
    if entry.kind == GiftCardEntry.Kind.LOAD and entry.came_back_id is not None:
        return "new_card"
    return ON_RECEIPTS[GiftCardEntry.Kind(entry.kind)]


def _worth(card: GiftCard) -> Answer:
    return {
        "balance": money(card.balance),
        "currency": card.currency,
        "valid_until": moment(card.valid_until) if card.valid_until else None,
    }
