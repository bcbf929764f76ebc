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

CHART = {
    "key": "specimen-chart",
    "title": "Sales by week",
    "summary": "Sales of the last 3 weeks; the best week came to £90.00.",
    "top": "£90.00",
    "series": ["with a member", "others"],
    "bars": [
        {"series": 1, "x": 30, "y": 60, "width": 140, "height": 120},
        {"series": 2, "x": 30, "y": 20, "width": 140, "height": 40},
        {"series": 1, "x": 230, "y": 90, "width": 140, "height": 90},
        {"series": 1, "x": 430, "y": 40, "width": 140, "height": 140},
        {"series": 2, "x": 430, "y": 0, "width": 140, "height": 40},
    ],
    "rows": [
        ("2 Mar", ["£60.00", "£20.00"]),
        ("9 Mar", ["£45.00", "£0.00"]),
        ("16 Mar", ["£70.00", "£20.00"]),
    ],
    "width": 600,
    "height": 180,
}

HAPPENED = {
    "at": AT,
    "title": "High Street",
    "points": 33,
    "balance_after": 1273,
    "amount": Decimal("21.50"),
    "reasons": REASONS[:2],
    "lines": [{"title": "Latte × 2", "amount": Decimal("6.80")}],
    "notes": ["They can be spent until Jul 6."],
}
COFFEE = {"name": "Coffee", "description": "Any size.", "points": 200}

SPECIMENS: dict[str, tuple[Contents, ...]] = {
    "chart": ({"chart": CHART},),
    "activity_row": ({"activity": HAPPENED, "currency": CURRENCY},),
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
    "offer": ({"one": {"offer": {"reward": COFFEE}}},),
    "pager": ({"page": {"first_url": "#", "next_url": "#"}},),
    "points_amount": (
        {"points": 1240},
        {"points": 24, "change": True},
        {"points": -1, "change": True},
    ),
    "preferences": ({"theme": "auto", "next": "/"},),
    "reason_list": ({"reasons": REASONS},),
    "receipt_answer": ({"answer": ANSWER, "is_guest": False, "currency": CURRENCY},),
    "stamped": ({},),
    "stat": (
        {"label": "Active members", "value": "1,240", "hint": "80 more than the month before"},
    ),
    "state_chip": tuple({"state": state, "label": state.title()} for state in STATES),
    "theme_choice": (),  # stands in the preferences
    "timeline_row": (
        {"row": VISIT | {"url": "#"}, "currency": CURRENCY},
        {"row": VISIT | {"points": -12}, "currency": CURRENCY},
    ),
    "toast": ({"level": "success", "text": "Rung up.", "undo_url": "#", "request_key": "k"},),
}
