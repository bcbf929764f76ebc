"""Challenges, badges and levels as members, cashiers and the office see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.paging import Page
from loyalty.challenges.spec import ChallengeSpec, dump_challenge, parse_challenge
from loyalty.challenges.words import challenge_terms, describe_challenge
from loyalty.earning.wording import Wording
from loyalty.forms.rules import Known, StateForm
from loyalty.member_page import HowTheyShop
from loyalty.models import Challenge
from loyalty.services.challenge_reading import ChallengeFigures
from rewards.challenge_cards import (
    Achievements,
    BadgeView,
    ChallengeView,
    LevelView,
    example_of,
)
from rewards.challenge_forms import ChallengeForm, LevelsForm
from rewards.challenge_page import ChallengeRow, VersionRow, steps_of_challenge
from tests.browser.gallery_office import mina, overview
from tests.browser.gallery_portal import card, frame, happened, matters

Pages = dict[str, tuple[str, dict[str, Any]]]
REWARDS = [("coffee", "Free latte"), ("cookie", "Cookie of the day")]
STORES = (("HS", "High Street"), ("ST", "Station"))


def say() -> Wording:
    """Return how gifts are written, with the names of rewards."""
    names = {("vouchers", code): name for code, name in REWARDS}
    return replace(Wording.for_reader("GBP"), names=names)


def spec(**changes: Any) -> ChallengeSpec:
    """Return what a challenge says."""
    said = {
        "target": {"type": "visits", "number": 5},
        "period": {"type": "each", "unit": "month"},
        "gifts": [
            {"type": "voucher", "reward": "coffee"},
            {"type": "badge", "badge": "Regular of the house"},
        ],
    }
    return parse_challenge(said | changes)


def tasting() -> ChallengeSpec:
    """Return a challenge to taste around, narrowed to a store."""
    return spec(
        target={"type": "distinct_categories", "number": 4},
        conditions=[{"type": "store", "stores": ["HS"]}],
        period={"type": "fixed", "from": "2026-06-01", "until": "2026-08-31"},
        joining="opt_in",
        gifts=[{"type": "points", "points": 250}],
        description="Something from every shelf this summer.",
    )


def seen(name: str, said: ChallengeSpec, **changes: Any) -> ChallengeView:
    """Return a challenge as a member sees it."""
    now = timezone.now()
    one = replace(example_of(name, said, say()), public_id=str(uuid4()))
    return replace(one, **{"ends_at": now + timedelta(days=12), "days_left": 12} | changes)


def running() -> list[ChallengeView]:
    """Return challenges in every state in which somebody takes part."""
    money = spec(target={"type": "amount", "amount": "50"}, gifts=[])
    weeks = spec(target={"type": "week_streak", "weeks": 4})
    return [
        seen("Five visits in a month", spec()),
        seen("Spend it well", money, share=0, so_far="£0 of £50"),
        seen("Every week, whatever the weather, rain or shine", weeks, days_left=0),
        seen("A summer of tasting", tasting(), share=100, so_far="4 of 4", is_completed=True),
        seen("Winter", spec(), is_resting=True),
    ]


def open_ones() -> list[ChallengeView]:
    """Return a challenge that can be joined."""
    return [
        seen("A summer of tasting", tasting(), share=0, so_far="0 of 4", can_join=True, key="k")
    ]


def _achieved() -> Achievements:
    now = timezone.now()
    badges = [
        BadgeView("Early bird", 3, now - timedelta(days=4)),
        BadgeView("Regular of the house", 1, now - timedelta(days=40)),
        BadgeView("Taster of everything there is", 1, now - timedelta(days=300)),
    ]
    level = LevelView("", "Explorer", "4 completed challenges", "Hero", "3 more to Hero", 57)
    return Achievements([level], badges)


def _done() -> Page[Any]:
    now = timezone.now()
    rows = [
        SimpleNamespace(challenge={"name": name}, completed_at=now - timedelta(days=days))
        for name, days in (("Five visits in a month", 4), ("A summer of tasting", 90))
    ]
    return Page(rows, "", "?after=x")


def _rows() -> list[ChallengeRow]:
    return [
        ChallengeRow(uuid4(), name, describe_challenge(said, say()), state, state.title(), figures)
        for name, said, state, figures in (
            ("Five visits in a month", spec(), "active", ChallengeFigures(1240, 312)),
            ("A summer of tasting", tasting(), "paused", ChallengeFigures(37, 12)),
            ("Next year", spec(), "draft", ChallengeFigures()),
        )
    ]


def _one(status: str) -> dict[str, Any]:
    now = timezone.now()
    challenge = Challenge(name="Five visits in a month", code="five", status=status)
    told = [(2, spec(), "active", "Counts now"), (1, tasting(), "over", "Over")]
    figures = ChallengeFigures(1240, 312, 0, 624) if status != "draft" else ChallengeFigures()
    return {
        "challenge": SimpleNamespace(
            name=challenge.name,
            code="five",
            status=status,
            public_id=challenge.public_id,
            get_status_display=challenge.get_status_display(),
        ),
        "one": example_of("Five visits in a month", spec(), say()),
        "versions": [
            VersionRow(
                number,
                describe_challenge(said, say()),
                challenge_terms(said),
                now - timedelta(days=100 * (3 - number)),
                state,
                label,
            )
            for number, said, state, label in told
        ],
        "figures": figures,
        "steps": steps_of_challenge(challenge, "bean-and-leaf", figures),
        "state_form": StateForm(),
        "may_edit": True,
        "request_key": "k",
    }


def _form(said: ChallengeSpec | None = None, data: Any = None) -> ChallengeForm:
    form = ChallengeForm(
        data,
        known=Known(stores=STORES, categories=(("Drinks", "Drinks"), ("Bakery", "Bakery"))),
        rewards=REWARDS,
        spec=dump_challenge(said) if said else None,
        is_dated=said is not None,
        initial={"name": "A summer of tasting", "request_key": "k", "seen": 1},
    )
    if data is not None:
        form.is_valid()
    return form


def _written(said: ChallengeSpec) -> dict[str, Any]:
    return {
        "one": example_of("A summer of tasting", said, say()),
        "words": describe_challenge(said, say()),
        "terms": challenge_terms(said),
    }


def challenge_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return each page of the portal and the office by name: its template and what it shows."""
    program = {"name": "Club", "slug": "main"}
    wrong = {"name": "", "target": "visits", "period": "fixed", "points": "x", "request_key": "k"}
    new = {"program": program, "challenge": None, "is_dated": False}
    known = {"program": program, "challenge": {"name": "A summer of tasting", "public_id": uuid4()}}
    levels = {"counts": "challenges", "steps": [{"name": "Explorer", "needed": 3}]}
    two_of_a_kind = {"counts": "badges", "name_0": "Explorer", "needed_0": "x", "request_key": "k"}
    nothing = Achievements([], [])
    shops = HowTheyShop(
        visits=23,
        spent=Decimal("412.50"),
        every_days=Decimal("9.5"),
        away_days=24,
        is_long_away=True,
        favorites=["Drinks", "Bakery"],
        scores="3 · 5 · 4",
    )
    who = {"member": mina(), "may_manage": True}
    return {
        "portal-card-challenges": (
            "portal/card.html",
            frame(card=card(), challenges=running()[:2], matters=matters(), activities=happened()),
        ),
        "portal-challenges": (
            "portal/challenges.html",
            frame(
                running=running(),
                open=open_ones(),
                coming=[seen("Advent", spec(), share=0, begins_at=timezone.now())],
            ),
        ),
        "portal-challenges-none": (
            "portal/challenges.html",
            frame(running=[], open=[], coming=[]),
        ),
        "portal-achievements": (
            "portal/achievements.html",
            frame(achieved=_achieved(), page=_done()),
        ),
        "portal-achievements-none": (
            "portal/achievements.html",
            frame(achieved=nothing, page=Page([])),
        ),
        "challenges": (
            "office/program/challenges.html",
            office(rows=_rows(), page=Page([]), may_manage=True),
        ),
        "challenges-none": (
            "office/program/challenges.html",
            office(rows=[], page=Page([]), may_manage=True),
        ),
        "challenge": ("office/program/challenge.html", office(**_one("active"))),
        "challenge-draft": ("office/program/challenge.html", office(**_one("draft"))),
        "challenge-new": (
            "office/program/edit_challenge.html",
            office(**new, form=_form(), one=None),
        ),
        "challenge-wrong": (
            "office/program/edit_challenge.html",
            office(**new, form=_form(data=wrong), one=None),
        ),
        "challenge-edit": (
            "office/program/edit_challenge.html",
            office(**known, is_dated=True, form=_form(tasting()), **_written(tasting())),
        ),
        "levels": (
            "office/program/levels.html",
            office(program=program, form=LevelsForm(levels=levels, initial={"request_key": "k"})),
        ),
        "levels-wrong": (
            "office/program/levels.html",
            office(program=program, form=_refused(LevelsForm(two_of_a_kind, levels=None))),
        ),
        "member-challenges": (
            "office/member_challenges.html",
            office(**who, challenges=[*running()[:2], *open_ones()], achieved=_achieved()),
        ),
        "member-challenges-none": (
            "office/member_challenges.html",
            office(**who, challenges=[], achieved=nothing),
        ),
        "member-habits": (
            "office/member.html",
            office(**who, currency="GBP", shown=overview(), shops=shops),
        ),
    }


def _refused(form: LevelsForm) -> LevelsForm:
    form.is_valid()
    return form
