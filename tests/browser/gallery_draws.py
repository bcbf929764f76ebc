"""Prize draws as the office and members see them, in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.paging import Page
from rewards.draw_forms import DrawForm, HandForm, PublicTextForm, ReasonForm
from rewards.draw_page import (
    DrawCard,
    DrawRow,
    PrizeRow,
    PullRow,
    ResultRow,
    day_bars,
    missed_words,
    odds,
    range_words,
    time_left,
)
from rewards.draw_steps import steps_of_draw
from rewards.drawing.snippet import SNIPPET
from rewards.models import Draw, MissedTicket
from rewards.services.draw_reading import Mine, Standing
from tests.browser.gallery_portal import frame

Pages = dict[str, tuple[str, dict[str, Any]]]
REWARDS = [("hamper", "Hamper for four"), ("coffee", "Free latte")]
SEAL = "b6d81b360a5672d80c27430f39153e2c4a1f6d6c9f0a3e6b2a77a9fb1d3c5e0f"
SOURCE = "The lottery numbers of the closing day, in ascending order"
MANY = Standing(1240, 312)
NAME = "Summer draw"
LONG = "Wilhelmina van den Bergh-Featherstonehaugh"


def a_draw(status: str, **more: Any) -> Draw:
    """Return a draw in this state."""
    now = timezone.now()
    is_open = status != "draft"
    said = {
        "name": NAME,
        "code": "summer",
        "status": status,
        "description": "A hamper for a whole family, and coffee for the next fifty.",
        "terms": "One prize for each member. Prizes are not paid out in money.",
        "opens_at": now - timedelta(days=12) if is_open else None,
        "closes_at": now + timedelta(days=9, hours=1),
        "prizes": [{"reward": "hamper", "count": 1}, {"reward": "coffee", "count": 2}],
        "alternates": 2,
        "commitment": SEAL if is_open else "",
        "entries_digest": SEAL[::-1] if status in ("closed", "drawn") else "",
    }
    return Draw(**said | more)


def prizes() -> list[PrizeRow]:
    """Return what can be won."""
    return [
        PrizeRow("Hamper for four", "Cheese, ham, jam and a bottle of cider", 1, None),
        PrizeRow("Free latte", "", 2, None),
    ]


def results() -> list[ResultRow]:
    """Return the pulls of a drawing, every kind of them."""
    told = [
        (417, "Mina Kader", "winner", "Winner", "Hamper for four · voucher: Not used yet", True),
        (12, "Ada", "skipped", "Passed over", "works here", False),
        (1033, LONG, "winner", "Winner", "Free latte, passed on: never answered", False),
        (88, "Þórdís", "winner", "Winner", "Free latte · voucher: Used", False),
        (640, "Jo", "alternate", "Alternate", "Free latte · voucher: Not used yet", True),
        (7, "Zoë", "alternate", "Alternate", "waits, in case a winner cannot be reached", False),
    ]
    return [
        ResultRow(
            rank,
            number,
            name,
            uuid4(),
            kind,
            label,
            words,
            _reason(f"pass-{rank}-%s") if can_pass else None,
            "#",
        )
        for rank, (number, name, kind, label, words, can_pass) in enumerate(told, start=1)
    ]


def _reason(auto_id: str) -> ReasonForm:
    return ReasonForm(auto_id=auto_id, initial={"request_key": "k"})


def _one(status: str, *, standing: Standing = MANY, **more: Any) -> dict[str, Any]:
    draw = a_draw(status, **more.pop("said", {}))
    today = date(2026, 7, 1)
    days = [(today + timedelta(days=n), 40 + 30 * (n % 4)) for n in range(6)]
    return {
        "draw": draw,
        "prizes": prizes(),
        "standing": standing,
        "odds": odds(draw, standing),
        "days": day_bars(days if standing.tickets else []),
        "missed": [("earned after the draw closed", 3)] if standing.tickets else [],
        "steps": steps_of_draw(draw, "bean-and-leaf", standing),
        "text_form": PublicTextForm(auto_id="draw-%s"),
        "reason_form": ReasonForm(auto_id="cancel-%s"),
        "hand_form": HandForm(initial={"request_key": "k"}),
        "results": results() if status == "drawn" else [],
        "may_manage": True,
        "may_edit": status == "draft",
        "takes_tickets": status == "open",
        "is_published": status in ("closed", "drawn"),
        "request_key": "k",
    } | more


def _refused() -> HandForm:
    form = HandForm({"member": "x", "tickets": "0", "reason": "", "request_key": "k"})
    form.is_valid()
    return form


def _form(data: Any = None, **more: Any) -> DrawForm:
    form = DrawForm(
        data,
        rewards=REWARDS,
        groups=[("friends", "Friends of the house")],
        initial={"name": NAME, "request_key": "k"},
        **more,
    )
    if data is not None:
        form.is_valid()
    return form


def _rows() -> list[DrawRow]:
    now = timezone.now()
    told = [
        (NAME, "open", "Open", MANY),
        ("Advent: a star every day until the twenty-fourth", "draft", "Draft", Standing()),
        ("Spring", "drawn", "Drawn", Standing(87, 40)),
        ("Wheel of fortune", "canceled", "Canceled", Standing()),
    ]
    return [
        DrawRow(uuid4(), name, state, label, now + timedelta(days=9), standing)
        for name, state, label, standing in told
    ]


def _mine() -> Mine:
    missed = [MissedTicket(count=2, why="too_late")]
    return Mine([(4, 6), (417, 417), (1001, 1010)], missed)


def card(status: str, *, mine: Mine | None = None, won: str = "") -> DrawCard:
    """Return a draw as a member sees it."""
    draw = a_draw(status)
    return DrawCard(
        public_id=uuid4(),
        name=draw.name,
        description=draw.description,
        state=status,
        label=draw.get_status_display(),
        closes_at=draw.closes_at,
        time_left=time_left(draw, timezone.now()),
        prizes=prizes(),
        mine=mine if mine is not None else _mine(),
        tickets=1240,
        commitment=SEAL,
        won=won,
    )


def _pulls() -> list[PullRow]:
    return [
        PullRow(
            one.rank,
            one.number,
            SEAL[one.rank : one.rank + 24],
            one.kind,
            one.label,
            one.words.partition(" · ")[0],
            one.rank == 1,
        )
        for one in results()
    ]


def _shown(status: str, *, is_mine: bool = True, **more: Any) -> dict[str, Any]:
    draw = a_draw(status, public_source=more.pop("public_source", ""))
    draw.public_text = "3 9 17 24 31 42" if draw.public_source and status == "drawn" else ""
    mine = _mine() if is_mine else Mine()
    won = "You won: Hamper for four" if status == "drawn" and is_mine else ""
    return {
        "draw": draw,
        "card": card(status, mine=mine, won=won),
        "ranges": range_words(mine),
        "missed": missed_words(mine),
        "odds": odds(draw, MANY),
        "pseudonyms": [SEAL[1:25]] if is_mine else [],
        "pulls": _pulls() if status == "drawn" else [],
        "is_published": status != "open",
        "document_url": "#",
        "snippet": SNIPPET,
    } | more


def draw_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return each page of the portal and the office by name: its template and what it shows."""
    list_, one, form = (f"office/draws/{name}.html" for name in ("list", "draw", "form"))
    wrong = {"name": "", "closes_at": "", "reward_0": "hamper", "count_0": "0", "request_key": "k"}
    known = SimpleNamespace(name=NAME, public_id=uuid4())
    few = Standing(3, 2)
    sourced = {"public_source": SOURCE}
    return {
        "draws": (list_, office(rows=_rows(), page=Page([]), may_manage=True)),
        "draws-none": (list_, office(rows=[], page=Page([]), may_manage=True)),
        "draw-draft": (one, office(**_one("draft", standing=Standing()))),
        "draw-open": (one, office(**_one("open", said=sourced))),
        "draw-open-none": (one, office(**_one("open", standing=Standing(), hand_form=_refused()))),
        "draw-closed": (one, office(**_one("closed", said=sourced, standing=few))),
        "draw-drawn": (one, office(**_one("drawn"))),
        "draw-canceled": (one, office(**_one("canceled", said={"reason": "The prize broke"}))),
        "draw-new": (form, office(draw=None, form=_form(), has_rewards=True)),
        "draw-wrong": (form, office(draw=None, form=_form(wrong), has_rewards=False)),
        "draw-edit": (
            form,
            office(
                draw=known, form=_form(prizes=[{"reward": "hamper", "count": 1}]), has_rewards=True
            ),
        ),
        "portal-draws": (
            "portal/draws.html",
            frame(
                open=[card("open"), card("open", mine=Mine())],
                past=[card("closed"), card("drawn", won="You won: Hamper for four")],
                page=Page([]),
            ),
        ),
        "portal-draws-none": ("portal/draws.html", frame(open=[], past=[], page=Page([]))),
        "portal-draw-open": ("portal/draw.html", frame(**_shown("open"))),
        "portal-draw-open-none": ("portal/draw.html", frame(**_shown("open", is_mine=False))),
        "portal-draw-closed": ("portal/draw.html", frame(**_shown("closed", public_source=SOURCE))),
        "portal-draw-drawn": ("portal/draw.html", frame(**_shown("drawn", public_source=SOURCE))),
        "portal-draw-lost": ("portal/draw.html", frame(**_shown("drawn", is_mine=False, pulls=[]))),
    }
