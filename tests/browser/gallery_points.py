"""The till where points pay, as the design check looks at it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loyalty.earning.paying import InPoints
from rewards.forms import Sale
from rewards.till_page import TakenBack

Pages = dict[str, tuple[str, dict[str, Any]]]

CURRENCY = "GBP"
PAID = {"paid": InPoints(120, Decimal("6.00")), "due": Decimal("15.50")}


def till_point_pages(
    at_work: dict[str, Any], member: dict[str, Any], answer: dict[str, Any]
) -> Pages:
    """Return the till with points that may pay, that paid, and that went back."""
    home = "till/home.html"
    known = at_work | {"member": member | {"worth": Decimal("62.00")}}
    undo = {"url": "/till/undo/", "key": "u"}
    back = {"amount": Decimal("21.50"), "points": -33, "is_all": True, "put_back": 120}
    paid_back = TakenBack(**back, refund=Decimal("15.50"))
    kept_back = TakenBack(**back, kept_back=Decimal("3.20"), refund=Decimal("12.30"))
    return {
        "till-points": (home, known | _asking()),
        "till-points-wrong": (home, known | _asking(points="2000", amount="21.50", receipt="7")),
        "till-points-paid": (home, known | {"answer": answer | PAID, "undo": undo}),
        "till-points-back": (home, known | {"answer": answer | PAID | {"taken_back": paid_back}}),
        "till-points-kept": (home, known | {"answer": answer | PAID | {"taken_back": kept_back}}),
    }


def _asking(**typed: str) -> dict[str, Any]:
    """Return the panel to ring up in, for somebody whose points may pay."""
    panel = Sale.blank(CURRENCY)
    if typed:
        panel.purchase.data, panel.purchase.is_bound = typed, True
        panel.purchase.add_error("points", "There are not enough points for this.")
    panel.purchase.ask_for_points()
    panel.take_focus()
    return {"purchase": panel.purchase, "lines": panel.lines, "quote_url": "/till/quote/"}
