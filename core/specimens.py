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
LOOKS = [{"label": label, "url": "#", "is_on": label == "All"} for label in ("All", "Active")]
STRIP = {
    "name": "Coffee card",
    "places": [
        {
            "number": at,
            "is_filled": at <= 5,
            "is_newest": at == 5,
            "gift": "Latte" if at == 8 else "",
        }
        for at in range(1, 9)
    ],
    "columns": 4,
    "so_far": "5 of 8",
    "to_go": "3 more stamps for Latte",
    "owed": 0,
    "expires_at": AT + timedelta(days=180),
    "is_resting": False,
    "is_full": False,
}
# A picture of nothing: the real one is drawn from the code.
GIFT_CARD_QR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='99' height='99'%3E"
    "%3Cpath d='M9 9h30v30H9zM60 9h30v30H60zM9 60h30v30H9z'/%3E%3C/svg%3E"
)
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

QUEST = {
    "name": "Five visits in a month",
    "description": "",
    "asked": "5 visits",
    "gifts": "Latte",
    "so_far": "3 of 5",
    "share": 60,
    "ends_at": AT + timedelta(days=12),
    "days_left": 12,
}

CHAPTERS = [
    {
        "key": "earning",
        "title": "How you earn",
        "icon": "sparkles",
        "sentences": [
            {"name": "Every purchase", "text": "1 point per £1"},
            {"text": "only products earn points"},
        ],
    }
]
STEPS = [
    {"title": "The program", "url": "#", "is_done": True},
    {"title": "Points", "url": "#", "is_current": True},
    {"title": "Look and begin", "url": "#"},
]

SPECIMENS: dict[str, tuple[Contents, ...]] = {
    "challenge": (
        {"one": QUEST, "level": 3},
        {"one": QUEST | {"so_far": "5 of 5", "share": 100, "is_completed": True}, "level": 3},
    ),
    "chapters": ({"chapters": CHAPTERS},),
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
    "gift_card_code": ({"card": {"code": "7K2M-9QXD-4TWH-8RZ3V", "qr": GIFT_CARD_QR}},),
    "mark": ({},),
    "looks": ({"looks": LOOKS, "label": "By state"},),
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
    "price": (
        {"points": 500, "currency": CURRENCY},
        {"points": 500, "price_money": Decimal(2), "currency": CURRENCY},
    ),
    "preferences": ({"theme": "auto", "next": "/"},),
    "progress": ({"label": "Sales with a member", "now": "23%", "target": "60%", "share": 38},),
    "reason_list": ({"reasons": REASONS},),
    "receipt_answer": ({"answer": ANSWER, "is_guest": False, "currency": CURRENCY},),
    "reward_picture": (
        {"picture": "", "alt": "", "icon": "gift"},
        {"picture": "", "alt": "", "icon": "truck", "small": True},
    ),
    "stamp_strip": (
        {"strip": STRIP, "level": 3},
        {"strip": STRIP | {"so_far": "0 of 8", "owed": 2, "is_resting": True}, "level": 3},
        {"strip": STRIP, "level": 3, "small": True},
    ),
    "stamped": ({},),
    "stat": (
        {"label": "Active members", "value": "1,240", "hint": "80 more than the month before"},
    ),
    "state_chip": tuple({"state": state, "label": state.title()} for state in STATES),
    "stepper": ({"steps": STEPS},),
    "theme_choice": (),  # stands in the preferences
    "tier_badge": ({"name": "Silver", "height": 1}, {"name": "Gold", "height": 2}),
    "timeline_row": (
        {"row": VISIT | {"url": "#"}, "currency": CURRENCY},
        {"row": VISIT | {"points": -12}, "currency": CURRENCY},
    ),
    "toast": ({"level": "success", "text": "Rung up.", "undo_url": "#", "request_key": "k"},),
}
