"""How the club works, and the staff's handbook, with believable contents."""

from __future__ import annotations

from typing import Any

from loyalty.chapters import Chapter, Sentence
from rewards.guide_page import Guide

CLUB = {"name": "Bean & Leaf", "slug": "bean-and-leaf"}
Pages = dict[str, tuple[str, dict[str, Any]]]


def guide() -> Guide:
    """Return what a small club promises."""
    return Guide(
        "Bean & Leaf Club",
        [
            Chapter(
                "joining",
                "How you join",
                "user-plus",
                [Sentence("say your phone number at the till: that is all it takes")],
            ),
            Chapter(
                "earning",
                "How you earn",
                "sparkles",
                [
                    Sentence("1 point per £1", "A point for every pound"),
                    Sentence("5 points per unit, only on Coffee", "Five points for every coffee"),
                    Sentence("only products earn points"),
                ],
            ),
            Chapter(
                "rewards",
                "What you can have",
                "gift",
                [Sentence("200 points", "Coffee"), Sentence("500 points · £5.00 off", "£5 off")],
            ),
            Chapter(
                "keeping",
                "What holds for points",
                "shield-check",
                [Sentence("points last 11 months, until the end of that month")],
            ),
        ],
    )


def guide_pages(office: dict[str, Any]) -> Pages:
    """Return each page by name: its template and what it shows."""
    how, handbook = "portal/how.html", "office/program/handbook.html"
    return {
        "portal-how": (how, {"club": CLUB, "guide": guide()}),
        "portal-how-none": (how, {"club": CLUB, "guide": None}),
        "office-handbook": (handbook, office | {"guide": guide()}),
        "office-handbook-none": (handbook, office | {"guide": None}),
    }
