"""Every component with contents to look at, for the page on which developers see them together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

Contents = dict[str, Any]

CURRENCY = "GBP"
AT = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
STATES = ("draft", "active", "paused", "ended", "held", "blocked", "running")
PEOPLE = (
    {"name": "Mina K.", "phone": "+44 •••• ••3456", "card": "•••• 0417"},
    {"name": "", "phone": "+44 •••• ••0417", "card": ""},
)
REASONS = [
    {"text": "1 point per £1", "detail": "Latte × 2, Croissant", "points": 21},
    {"text": "Double points on coffee", "detail": "Latte × 2", "points": 12},
    {"text": "Mondays only", "detail": "it was a Tuesday"},
]
VISIT = {"at": AT, "title": "High Street", "amount": Decimal("12.40"), "points": 12}
ANSWER = {
    "points": 33,
    "amount": Decimal("21.50"),
    "receipt": "1001",
    "balance": 1273,
    "pending": 80,
    "pending_until": AT + timedelta(days=11),
    "reasons": REASONS[:2],
    "lines": [{"title": "Latte × 2", "amount": Decimal("6.80"), "points": 24}],
}
SHEET = {
    "id": "specimen-sheet",
    "icon": "arrow-uturn-left",
    "trigger": "Undo",
    "title": "Undo this purchase?",
    "text": "This will take the points back and mark the receipt as returned in full.",
    "confirm": "Undo it",
    "action": "#",
}

SPECIMENS: dict[str, tuple[Contents, ...]] = {
    "confirm_sheet": (SHEET,),
    "empty_state": (
        {
            "icon": "gift",
            "title": "No rewards yet",
            "text": "Members come back for something they can get.",
            "url": "#",
            "action": "Add a reward",
        },
    ),
    "mark": ({},),
    "member_chip": tuple({"member": person} for person in PEOPLE),
    "messages": (
        {
            "messages": [
                Message(constants.SUCCESS, "Added Mina K."),
                Message(constants.ERROR, "This purchase can no longer be undone."),
            ]
        },
    ),
    "money": ({"amount": Decimal("1240.50"), "currency": CURRENCY},),
    "pager": ({"page": {"first_url": "#", "next_url": "#"}},),
    "points_amount": (
        {"points": 1240},
        {"points": 24, "change": True},
        {"points": -1, "change": True},
    ),
    "preferences": ({"theme": "auto", "next": "/"},),
    "reason_list": ({"reasons": REASONS},),
    "receipt_answer": ({"answer": ANSWER, "is_guest": False, "currency": CURRENCY},),
    "stat": (
        {"label": "Active members", "value": "1,240", "hint": "80 more than the month before"},
    ),
    "state_chip": tuple({"state": state, "label": state.title()} for state in STATES),
    "timeline_row": (
        {"row": VISIT | {"url": "#"}, "currency": CURRENCY},
        {"row": VISIT | {"points": -12}, "currency": CURRENCY},
    ),
    "toast": ({"level": "success", "text": "Rung up.", "undo_url": "#", "request_key": "k"},),
}
