"""Rewards that open later, as staff set them up and as members and cashiers see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rewards.catalog_forms import RewardForm
from tests.browser.gallery_rewards import CURRENCY, GIVEN, VOUCHER, offer, offers, reward

Pages = dict[str, tuple[str, dict[str, Any]]]
OPENS_AT = datetime(2027, 5, 3, 9, tzinfo=UTC)
LAST = datetime(2027, 6, 2, 9, tzinfo=UTC)


def _form(**told: Any) -> RewardForm:
    first = {"request_key": "k", "name": "Treat", "kind": "free_product", "points": 200}
    return RewardForm(initial=first | told, currency=CURRENCY)


def opening_pages(
    office: Callable[..., dict[str, Any]],
    frame: Callable[..., dict[str, Any]],
    voucher: Callable[..., Any],
    *,
    at_work: dict[str, Any],
    member: dict[str, Any],
    sale: dict[str, Any],
) -> Pages:
    """Return each page by name: its template and what it shows."""
    sent = {"request_key": "k", "name": "Treat", "kind": "free_product", "points": "200"}
    wrong = RewardForm(sent | {"opens": "on"}, currency=CURRENCY)
    waiting = voucher(state="scheduled", label="For later", opens_at=OPENS_AT, last_day=LAST)
    undone = voucher(
        state="canceled",
        label="Canceled",
        is_open=False,
        why="This draw takes no tickets now.",
    )
    first = replace(offer("Coffee", 200), opens_at=OPENS_AT)
    known = at_work | {"member": member | offers() | {"offers": [first]}, "again_url": "?member=1"}
    early = replace(VOUCHER, state="not_yet", label="Not valid yet", valid_from=OPENS_AT)
    early = replace(early, valid_until=LAST.date())
    undo = {"url": "/till/undo/", "key": "u"}
    given = replace(GIVEN, opens_at=OPENS_AT)
    later = _form(opens="after_days", opens_after_days=3)
    dated = _form(opens="on", opens_on=date(2027, 5, 3))
    return {
        "office-reward-later": ("office/reward_form.html", office(form=later, reward=reward())),
        "office-reward-dated": ("office/reward_form.html", office(form=dated, reward=reward())),
        "office-reward-undated": ("office/reward_form.html", office(form=wrong)),
        "portal-voucher-later": ("portal/voucher.html", frame("Rewards", voucher=waiting)),
        "portal-voucher-undone": ("portal/voucher.html", frame("Rewards", voucher=undone)),
        "till-offers-later": ("till/home.html", known | sale),
        "till-given-later": ("till/home.html", known | {"given": given, "undo": undo}),
        "till-voucher-later": ("till/home.html", at_work | {"voucher": early}),
    }
