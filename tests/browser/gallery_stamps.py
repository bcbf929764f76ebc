"""Stamp cards as members, cashiers and the office see them, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.models import Organization
from core.paging import Page
from loyalty.earning.wording import Wording
from loyalty.models import StampCard
from loyalty.services.stamp_reading import CardFigures
from loyalty.stamps.spec import StampCardSpec, parse_card
from loyalty.stamps.words import card_terms, describe_card
from rewards.stamp_forms import StampCardForm, StampsByHandForm
from rewards.stamp_page import CardRow, VersionRow, example_strip, steps_of_card
from rewards.stamp_strips import PastRow, StripView, strip_of
from tests.browser.gallery_office import mina
from tests.browser.gallery_portal import card, frame, happened, matters

Pages = dict[str, tuple[str, dict[str, Any]]]
REWARDS = [("coffee", "Free latte"), ("cookie", "Cookie of the day"), ("bag", "Bag of beans")]
NAMES = {("vouchers", code): name for code, name in REWARDS}


def say() -> Wording:
    """Return how gifts are written, with the names of rewards."""
    return replace(Wording.for_reader("GBP"), names=NAMES)


def coffee(size: int = 8, **more: Any) -> StampCardSpec:
    """Return what a coffee card says."""
    given = {"gifts": [{"type": "voucher", "reward": "coffee"}], "months": 6, "per_day": 2}
    return parse_card({"size": size, **given, **more})


def with_cookie(size: int = 10) -> StampCardSpec:
    """Return a card with gifts on the way."""
    cookie = {"at": 4, "gifts": [{"type": "voucher", "reward": "cookie"}]}
    points = {"at": 7, "gifts": [{"type": "points", "points": 50}]}
    return coffee(size, milestones=[cookie, points])


def strips() -> list[StripView]:
    """Return cards in every state."""
    until = timezone.now() + timedelta(days=120)
    return [
        replace(strip_of("Coffee card", coffee(), 6, say()), expires_at=until),
        strip_of("Lunch club", with_cookie(), 3, say()),
        strip_of("Bakery", coffee(5), -2, say()),
        replace(strip_of("Summer card", coffee(12), 4, say()), is_resting=True),
        strip_of("A year of bread, one stamp for each loaf", coffee(50), 23, say()),
        strip_of("Full card", coffee(), 8, say()),
    ]


def past() -> list[PastRow]:
    """Return cards that take no more stamps."""
    now = timezone.now()
    return [
        PastRow("Coffee card", now - timedelta(days=3), "8 of 8", "Free latte", "finished", "Full"),
        PastRow("Bakery", now - timedelta(days=200), "3 of 5", "", "expired", "Lapsed"),
        PastRow("Winter card", now - timedelta(days=300), "2 of 6", "", "ended", "Ended"),
    ]


def _rows() -> list[CardRow]:
    return [
        CardRow(
            uuid4(),
            name,
            describe_card(spec, say()),
            state,
            state.title(),
            CardFigures(filling, full),
        )
        for name, spec, state, filling, full in (
            ("Coffee card", coffee(), "active", 1240, 3120),
            ("Lunch club", with_cookie(), "paused", 37, 12),
            ("A year of bread, one stamp for each loaf", coffee(50), "draft", 0, 0),
        )
    ]


def _versions() -> list[VersionRow]:
    now = timezone.now()
    told = [(2, with_cookie(), "active", "Counts now"), (1, coffee(), "over", "Over")]
    return [
        VersionRow(
            number=number,
            words=describe_card(spec, say()),
            terms=card_terms(spec, say()),
            since=now - timedelta(days=100 * (3 - number)),
            written_at=now,
            state=state,
            label=label,
        )
        for number, spec, state, label in told
    ]


def _one(status: str, figures: CardFigures, waiting: int = 0) -> dict[str, Any]:
    organization = Organization(slug="bean-and-leaf", currency="GBP")
    card = StampCard(name="Coffee card", status=status)
    rule = SimpleNamespace(
        public_id=uuid4(), name="Coffee card", status="active", get_status_display="Active"
    )
    return {
        "card": SimpleNamespace(
            name=card.name,
            status=status,
            public_id=card.public_id,
            get_status_display=card.get_status_display(),
            program={"slug": "main"},
        ),
        "strip": example_strip("Coffee card", with_cookie(), say()),
        "versions": _versions(),
        "figures": figures,
        "used": 2876,
        "rules": [rule],
        "steps": steps_of_card(card, organization.slug, figures, waiting),
        "may_edit": True,
        "request_key": "k",
    }


def _form(spec: StampCardSpec | None = None, data: Any = None) -> StampCardForm:
    form = StampCardForm(
        data,
        rewards=REWARDS,
        is_new=spec is None,
        is_dated=spec is not None,
        spec=spec.model_dump(mode="json", exclude_none=True) if spec else None,
        initial={"name": "Coffee card", "request_key": "k", "seen": 1},
    )
    if data is not None:
        form.is_valid()
    return form


def _written(spec: StampCardSpec) -> dict[str, Any]:
    return {
        "strip": example_strip("Coffee card", spec, say()),
        "words": describe_card(spec, say()),
        "terms": card_terms(spec, say()),
    }


def stamp_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return each page by name: its template and what it shows."""
    program = {"name": "Club", "slug": "main"}
    many = CardFigures(1240, 3120, 85)
    wrong = {"name": "", "size": "1", "per": "amount", "request_key": "k", "badge": "Regular"}
    new = {"program": program, "card": None, "is_dated": False}
    known = {"program": program, "card": {"name": "Lunch club", "public_id": uuid4()}}
    by_hand = StampsByHandForm(cards=[("a", "Coffee card"), ("b", "Bakery")])
    refused = StampsByHandForm(
        {"card": "a", "stamps": "99", "reason": "", "request_key": "k"},
        cards=[("a", "Coffee card")],
    )
    who = {"member": mina(), "strips": strips()[:2]}
    return {
        "portal-card-stamps": (
            "portal/card.html",
            frame(card=card(), strips=strips()[:2], matters=matters(), activities=happened()),
        ),
        "portal-stamps": ("portal/stamps.html", frame(strips=strips(), rows=past(), page=Page([]))),
        "portal-stamps-none": ("portal/stamps.html", frame(strips=[], rows=[], page=Page([]))),
        "stamp-cards": (
            "office/program/stamp_cards.html",
            office(rows=_rows(), page=Page([]), may_manage=True),
        ),
        "stamp-cards-none": (
            "office/program/stamp_cards.html",
            office(rows=[], page=Page([]), may_manage=True),
        ),
        "stamp-card": ("office/program/stamp_card.html", office(**_one("active", many))),
        "stamp-card-draft": (
            "office/program/stamp_card.html",
            office(**_one("draft", CardFigures(), 1) | {"rules": []}),
        ),
        "stamp-card-new": (
            "office/program/edit_stamp_card.html",
            office(**new, form=_form(), strip=None),
        ),
        "stamp-card-wrong": (
            "office/program/edit_stamp_card.html",
            office(**new, form=_form(data=wrong), strip=None),
        ),
        "stamp-card-edit": (
            "office/program/edit_stamp_card.html",
            office(**known, is_dated=True, form=_form(with_cookie()), **_written(with_cookie())),
        ),
        "member-stamps": ("office/member_stamps.html", office(**who, form=by_hand)),
        "member-stamps-wrong": ("office/member_stamps.html", office(**who, form=refused)),
        "member-stamps-none": (
            "office/member_stamps.html",
            office(member=mina(), strips=[], form=None),
        ),
    }
