"""Tiers as members, cashiers and the office see them, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from core.models import Organization
from loyalty.earning.wording import Wording
from loyalty.tiers.spec import LadderSpec, parse_ladder
from loyalty.tiers.words import ladder_words, reached_words
from rewards.tier_forms import EndTierForm, GiveTierForm, LadderForm
from rewards.tier_page import (
    GivenRow,
    StepRow,
    TierBox,
    VersionRow,
    example_box,
    tier_cards,
)
from tests.browser.gallery_office import mina
from tests.browser.gallery_portal import card, frame, happened, matters

Pages = dict[str, tuple[str, dict[str, Any]]]
REWARDS = [("coffee", "Free latte"), ("bag", "Bag of beans")]
CROWDS = {"": 812, "regular": 1240, "gold": 88, "plus": 31, "patron": 1}


def ladder() -> LadderSpec:
    """Return three ways to a tier, and one for whom the owner likes."""
    return parse_ladder(spec())


def spec() -> dict[str, Any]:
    """Return the same as data."""
    gold = {
        "multiplier": "1.5",
        "gifts": [{"type": "points", "points": 100}, {"type": "badge", "badge": "Golden bean"}],
        "service": ["A table by the window when you call before noon"],
        "percent_off": "10",
    }
    return {
        "basis": "spend",
        "window": {"type": "calendar_year"},
        "valid": {"type": "months", "months": 12, "round_up": "year"},
        "grace_days": 30,
        "tiers": [
            {"code": "regular", "name": "Regular", "threshold": "200"},
            {"code": "gold", "name": "Golden bean", "threshold": "1000", "benefits": gold},
            {"code": "plus", "name": "Plus", "kind": "paid", "sku": "PLUS-12", "months": 12},
            {
                "code": "patron",
                "name": "Patron of the oldest coffee house in town",
                "kind": "invitation",
                "benefits": {"multiplier": "2"},
            },
        ],
    }


def say() -> Wording:
    """Return how it is written."""
    return Wording.for_reader("GBP", {("vouchers", code): name for code, name in REWARDS})


def box() -> TierBox:
    """Return the tier of somebody between the first two."""
    return example_box(ladder(), say(), timezone.now(), _organization())


def _organization() -> Organization:
    return Organization(slug="bean-and-leaf", currency="GBP", time_zone="Europe/London")


def _given_box() -> TierBox:
    return TierBox(
        name="Patron of the oldest coffee house in town",
        height=4,
        until=date(2027, 12, 31),
        is_given=True,
        is_in_grace=False,
        sentence="You are Patron of the oldest coffee house in town until 31 Dec 2027.",
    )


def _nobody_yet() -> TierBox:
    seen = box()
    return TierBox(
        name="",
        height=0,
        until=None,
        is_given=False,
        is_in_grace=False,
        sentence="£120 more by 31 Dec 2026 and you reach Regular.",
        bars=seen.bars[:1],
    )


def _versions() -> list[VersionRow]:
    now = timezone.now()
    told = [
        (3, "scheduled", "Later", 20),
        (2, "active", "Counts now", -100),
        (1, "ended", "Over", -400),
    ]
    return [
        VersionRow(
            number=number,
            counts_from=now + timedelta(days=days),
            state=state,
            label=label,
            sentences=ladder_words(ladder()),
            tiers=[
                f"{tier.name}: {reached_words(ladder(), tier, say())}" for tier in ladder().tiers
            ],
        )
        for number, state, label, days in told
    ]


def _form(known: dict[str, Any] | None = None, data: Any = None) -> LadderForm:
    form = LadderForm(data, rewards=REWARDS, spec=known, initial={"request_key": "k", "seen": 1})
    if data is not None:
        form.is_valid()
        form.add_error("threshold_1", "Say from how much on members reach this tier.")
    return form


def _steps() -> list[StepRow]:
    now = timezone.now()
    return [
        StepRow(
            at=now - timedelta(days=3),
            text="From Golden bean to Regular",
            why="£1,000 were not reached again; it holds until 31 Dec 2027",
            who="Regulars",
        ),
        StepRow(
            at=now - timedelta(days=300),
            text="Patron of the oldest coffee house in town was given",
            why="She brings the whole office",
            who="Ada",
        ),
        StepRow(
            at=now - timedelta(days=400),
            text="Reached Golden bean",
            why="£1,000 were reached; it holds until 31 Dec 2026",
            who="Regulars",
        ),
    ]


def _given() -> list[GivenRow]:
    now = timezone.now()
    return [
        GivenRow(
            pk=1,
            name="Patron of the oldest coffee house in town",
            begins_at=now - timedelta(days=300),
            ends_at=None,
            reason="She brings the whole office",
            is_by_hand=True,
        ),
        GivenRow(
            pk=2,
            name="Plus",
            begins_at=now,
            ends_at=now + timedelta(days=365),
            reason="",
            is_by_hand=False,
        ),
    ]


def tier_pages(
    office: Callable[..., dict[str, Any]], at_work: dict[str, Any], till: dict[str, Any]
) -> Pages:
    """Return each page by name: its template and what it shows."""
    program = {"name": "Club", "slug": "main"}
    tiers = [(tier.code, tier.name) for tier in ladder().tiers]
    wrong = {"name_0": "Regular", "name_1": "Golden bean", "rows": "3", "request_key": "k"}
    written = {
        "words": ladder_words(ladder()),
        "tiers": tier_cards(ladder(), say()),
        "box": box(),
        "effect": "It lifts 12 members: 9 to Regular and 3 to Golden bean. It lowers nobody.",
    }
    shown = {
        "program": program,
        "cards": tier_cards(ladder(), say(), crowds=CROWDS),
        "below": CROWDS[""],
        "words": ladder_words(ladder()),
        "versions": _versions(),
        "may_manage": True,
        "request_key": "k",
    }
    give = GiveTierForm(tiers=tiers, today=date(2026, 6, 10))
    refused = EndTierForm({"reason": "", "request_key": "k"})
    refused.is_valid()
    member = {"member": mina(), "box": box(), "steps": _steps(), "given": _given(), "form": give}
    none = {"member": mina(), "box": None, "steps": [], "given": [], "form": None}
    home = frame(card=card(), tier=box(), matters=matters()[:1], activities=happened())
    with_tier = till["member"] | {"tier": box()}
    return {
        "tiers": ("office/program/tiers.html", office(**shown)),
        "tiers-none": (
            "office/program/tiers.html",
            office(program=program, versions=[], may_manage=True),
        ),
        "tiers-new": (
            "office/program/edit_tiers.html",
            office(program=program, form=_form(), is_new=True, box=None),
        ),
        "tiers-edit": (
            "office/program/edit_tiers.html",
            office(program=program, form=_form(spec()), is_new=False, **written),
        ),
        "tiers-refused": (
            "office/program/edit_tiers.html",
            office(program=program, form=_form(data=wrong), is_new=True, box=None),
        ),
        "member-tier": ("office/member_tier.html", office(**member)),
        "member-tier-none": ("office/member_tier.html", office(**none)),
        "member-tier-end": (
            "office/member_tier_end.html",
            office(member=mina(), tier="Golden bean", form=refused),
        ),
        "portal-card-tier": ("portal/card.html", home),
        "portal-tiers": (
            "portal/tiers.html",
            frame(
                box=_given_box(),
                tiers=tier_cards(ladder(), say(), held="patron"),
                words=ladder_words(ladder()),
            ),
        ),
        "portal-tiers-below": (
            "portal/tiers.html",
            frame(box=_nobody_yet(), tiers=tier_cards(ladder(), say()), words=[]),
        ),
        "portal-tiers-none": ("portal/tiers.html", frame(box=None, tiers=[], words=[])),
        "till-tier": ("till/home.html", at_work | till | {"member": with_tier}),
    }
