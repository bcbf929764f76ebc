"""What staff do by hand: corrections for two, points handed on, balances, claimed receipts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.paging import Page
from loyalty.approval_page import ApprovalRow
from loyalty.forms.adjusting import AdjustForm, DecisionForm, HandingForm
from loyalty.forms.imports import BalancesForm
from loyalty.import_page import Progress
from loyalty.models import ReceiptUpload
from loyalty.services.adjustments import Preview
from loyalty.services.transfers import HandingPreview
from rewards.earlier_page import EarlierRow
from tests.browser.gallery_office import mina

Pages = dict[str, tuple[str, dict[str, Any]]]


def row(**changes: Any) -> ApprovalRow:
    """Return a correction that waits."""
    known: dict[str, Any] = {
        "public_id": uuid4(),
        "who": mina(),
        "program": "Beans",
        "points": 25_000,
        "before": 1240,
        "reason": "Receipts of a whole year, found again in the old system",
        "asked_by": "Ada",
        "asked_at": timezone.now() - timedelta(hours=2),
        "is_own": False,
        "state": "held",
        "label": "Waiting for a second person",
        "decided_by": "",
        "decided_at": None,
        "decided_because": "",
    }
    return ApprovalRow(**known | changes)


def approvals(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the list, and one correction in each of its states."""
    long = mina(name="Wilhelmina van den Bergh-Featherstonehaugh")
    form = {"form": DecisionForm(initial={"request_key": "k"}), "request_key": "k"}
    wrong = DecisionForm({"reason": "", "request_key": "k"})
    over: dict[str, Any] = {"decided_by": "Þórdís", "decided_at": timezone.now()}
    declined = row(**over, state="blocked", label="Declined", decided_because="Not our receipts")
    rows = [row(), row(who=long, points=-18_000, before=20_500), row(who=mina(name=""))]
    one = "office/approval.html"
    return {
        "approvals": ("office/approvals.html", office(rows=rows, page=Page([], "", "?after=x"))),
        "approvals-none": ("office/approvals.html", office(rows=[], page=Page([]))),
        "approval": (one, office(asked=row(), **form)),
        "approval-wrong": (one, office(asked=row(), **form | {"form": wrong})),
        "approval-own": (one, office(asked=row(is_own=True), **form)),
        "approval-declined": (one, office(asked=declined, **form)),
    }


def corrections(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the steps of a correction for two, and of points handed on."""
    who = {"member": mina(), "may_manage": True}
    typed = {"direction": "give", "points": 25_000, "reason": "Receipts of a whole year"}
    asks = {"preview": Preview(1240, 26_240, needs_second=True), "change": 25_000, "typed": typed}
    handing = HandingForm(initial={"request_key": "k"})
    wrong = HandingForm({"to": "07400", "points": "x", "reason": "", "request_key": "k"})
    wish = {"to": "+44 7400 222222", "points": 300, "reason": "A present"}
    to = mina(name="Otto van den Bergh-Featherstonehaugh", phone="+44 7400 222222")
    look = {"preview": HandingPreview((1240, 940), (0, 300)), "receiver": to, "typed": wish}
    hand = "office/member_hand_points.html"
    return {
        "member-adjust-asks": (
            "office/member_adjust.html",
            office(**who, form=AdjustForm(initial={"request_key": "k"}), most=10_000, **asks),
        ),
        "member-hand-points": (hand, office(**who, form=handing)),
        "member-hand-points-wrong": (hand, office(**who, form=wrong)),
        "member-hand-points-sure": (hand, office(**who, form=handing, **look)),
    }


def balances(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the page that takes a file of balances, and what a check of one says."""
    programs = (("beans", "Beans"), ("leaves", "Leaves"))
    form = BalancesForm(programs=programs, initial={"request_key": "k"})
    result = "1,240 accepted, 2 refused, 3 there before"
    report = [("Rows", result), ("New members", "310"), ("Points brought forward", "84,100")]
    refusals = [
        {"row": 7, "message": "The last day is over already."},
        {"row": 9, "message": "'12,5' is not a number."},
    ]
    checked = {
        "upload": ReceiptUpload(file_name="balances.csv", status="checked", kind="balances"),
        "state": "draft",
        "progress": Progress(0, 1245),
        "report": report,
        "refusals": refusals,
        "more": "And 12 more rows, which are not kept.",
        "is_resting": True,
        "is_whole": True,
        "may_manage": True,
        "request_key": "k",
    }
    return {
        "office-balances-new": ("office/imports/new_balances.html", office(form=form)),
        "office-balances-checked": ("office/imports/upload.html", office(**checked)),
    }


def by_hand_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the office's pages by name; ``office`` gives what surrounds each."""
    return approvals(office) | corrections(office) | balances(office)


def till_claim_pages(at_work: dict[str, Any], member: dict[str, Any]) -> Pages:
    """Return the till with a receipt that can be given to the member, and without one."""
    known = at_work | {"member": member | {"public_id": uuid4()}}
    shared = {"number": "", "again_url": "?member=1"}
    found = [_earlier("1001", timezone.now()), _earlier("HS/2/2026-11-20/1001", timezone.now())]
    home = "till/home.html"
    return {
        "till-earlier": (home, known | {"earlier": shared | {"rows": found}}),
        "till-earlier-none": (home, known | {"earlier": shared | {"rows": []}}),
        "till-earlier-unknown": (
            home,
            known | {"earlier": shared | {"rows": [], "number": "1002"}},
        ),
    }


def _earlier(number: str, at: datetime) -> EarlierRow:
    return EarlierRow(uuid4(), number, at, Decimal("21.50"), "k" * 32)
