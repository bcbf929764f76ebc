"""Batches, shared codes, paper, and vouchers at the till that are nobody's, with contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.paging import Page
from members.card_images import bars
from rewards.batch_forms import BatchForm, PrintForm, SharedCodeForm, in_words
from rewards.batch_page import BatchRow, CodeRow, DayBar, UseRow, VoucherRow
from rewards.models import Reward
from rewards.paper import FORMS, Slip, page_context
from rewards.till_vouchers import UsedPanel
from rewards.voucher_codes import grouped, image
from tests.browser.gallery_rewards import VOUCHER

Pages = dict[str, tuple[str, dict[str, Any]]]
CODE = "GH7K2M9QXD4TW0"
LAST_DAY = date(2027, 3, 31)


def batch_row(**changes: Any) -> BatchRow:
    """Return a leaflet's batch, half made."""
    known = {
        "public_id": UUID(int=7),
        "name": "Leaflet, spring",
        "reward": "Free latte",
        "made": 45_000,
        "wanted": 100_000,
        "used": 0,
        "last_day": LAST_DAY,
        "state": "running",
        "label": "Being made",
    }
    return BatchRow(**known | changes)


def code_row(**changes: Any) -> CodeRow:
    """Return a word that counts."""
    known = {
        "public_id": UUID(int=8),
        "word": "SUMMER26",
        "reward": "£5 off",
        "uses": "412 of 1,000",
        "each": "1",
        "first_day": None,
        "last_day": LAST_DAY,
        "state": "active",
        "label": "Can be used",
        "can_rest": True,
        "is_resting": False,
        "can_end": True,
    }
    return CodeRow(**known | changes)


def rewards() -> list[Reward]:
    """Return what vouchers can be for."""
    return [Reward(name=name) for name in ("Free latte", "£5 off", "Slice of the day")]


def slip() -> Slip:
    """Return one voucher on paper."""
    return Slip(
        shop="Bean & Leaf",
        reward="Free latte",
        worth="",
        description="Any size, also with oat milk",
        terms="Once per visit, not together with other vouchers.",
        code=grouped(CODE),
        qr=image(CODE),
        bars=bars(CODE),
        first_day=None,
        last_day=LAST_DAY,
    )


def _batch(row: BatchRow, **more: Any) -> dict[str, Any]:
    batch = SimpleNamespace(
        public_id=row.public_id,
        name=row.name,
        prefix="GH",
        made=row.made,
        valid_from=None,
        valid_until=row.last_day,
        reward={"public_id": uuid4(), "name": row.reward},
    )
    return {
        "batch": batch,
        "row": row,
        "strength": in_words(11, codes=row.wanted, prefix="GH"),
        "is_working": row.state == "running",
        "is_stopped": row.state == "ended",
        "unused": row.made - row.used,
        "print_form": PrintForm(),
        "typed": "",
        "matches": [],
        "may_manage": True,
        "request_key": "k",
    } | more


def _code(row: CodeRow, **more: Any) -> dict[str, Any]:
    now = timezone.now()
    days = [DayBar((now - timedelta(days=at)).date(), 40 - at, 100 - at) for at in range(5)]
    told = [(uuid4(), "Mina Kaplan", None), (None, "", None), (uuid4(), "Wilhelmina", now)]
    uses = [
        UseRow(at + 1, now - timedelta(hours=at), member, name, "High Street", released, "k")
        for at, (member, name, released) in enumerate(told)
    ]
    return {
        "row": row,
        "days": days,
        "uses": uses,
        "page": Page([]),
        "may_manage": True,
        "request_key": "k",
    } | more


def voucher_pages(office: Callable[..., dict[str, Any]], at_work: dict[str, Any]) -> Pages:
    """Return each page by name: its template and what it shows."""
    now = timezone.now()
    ready = batch_row(made=100_000, used=1_204, state="active", label="Ready")
    stopped = batch_row(made=100_000, used=12, state="ended", label="Stopped")
    found = [
        VoucherRow(grouped(CODE), "over", "Used up", now, "High Street", 4),
        VoucherRow(grouped(CODE), "active", "Can be used", None, "", None),
    ]
    batch_form = BatchForm(rewards=rewards(), initial={"request_key": "k"})
    wrong = BatchForm(
        {"name": "", "wanted": "9999999", "random_chars": "10", "prefix": "A%", "request_key": "k"},
        rewards=rewards(),
    )
    code_form = SharedCodeForm(rewards=rewards(), initial={"request_key": "k"})
    wrong_word = SharedCodeForm({"word": "CHRISTMASCARD", "request_key": "k"}, rewards=rewards())
    resting = code_row(state="paused", label="Paused", can_rest=False, is_resting=True)
    none = {"rows": [], "page": Page([]), "may_manage": True}
    home = "till/home.html"
    paper = replace(VOUCHER, member=None, is_held=False)
    asks = replace(paper, asks_member=True, code="SUMMER26")
    ask = {"url": "/till/vouchers/1/", "typed": "", "refusal": ""}
    used = UsedPanel("Free latte", "", grouped(CODE), now, is_taken_back=False)
    undo = {"url": "/till/undo/", "key": "u"}
    screens = {
        f"paper-{name}": (
            "paper/screen.html",
            page_context(form, [slip(), slip()], title="Vouchers") | {"back_url": "#"},
        )
        for name, form in FORMS.items()
    }
    return screens | {
        "voucher-batches": (
            "office/vouchers/batches.html",
            office(rows=[batch_row(), ready, stopped], page=Page([]), may_manage=True),
        ),
        "voucher-batches-none": ("office/vouchers/batches.html", office(**none)),
        "voucher-batch-new": ("office/vouchers/new_batch.html", office(form=batch_form)),
        "voucher-batch-wrong": ("office/vouchers/new_batch.html", office(form=wrong)),
        "voucher-batch-made": ("office/vouchers/batch.html", office(**_batch(batch_row()))),
        "voucher-batch": (
            "office/vouchers/batch.html",
            office(**_batch(ready, typed="4TW0", matches=found)),
        ),
        "voucher-batch-stopped": ("office/vouchers/batch.html", office(**_batch(stopped))),
        "shared-codes": (
            "office/vouchers/codes.html",
            office(
                rows=[code_row(), resting, code_row(each="", uses="3", last_day=None)],
                page=Page([]),
                may_manage=True,
            ),
        ),
        "shared-codes-none": ("office/vouchers/codes.html", office(**none)),
        "shared-code": ("office/vouchers/code.html", office(**_code(code_row()))),
        "shared-code-resting": (
            "office/vouchers/code.html",
            office(**_code(resting, days=[], uses=[])),
        ),
        "shared-code-new": ("office/vouchers/new_code.html", office(form=code_form)),
        "shared-code-wrong": ("office/vouchers/new_code.html", office(form=wrong_word)),
        "till-voucher-paper": (
            home,
            at_work | {"voucher": paper, "use": {"url": "/till/use/", "key": "u", "member": ""}},
        ),
        "till-voucher-asks": (home, at_work | {"voucher": asks, "ask": ask}),
        "till-voucher-asks-nobody": (
            home,
            at_work | {"voucher": asks, "ask": ask | {"refusal": "Nobody was found."}},
        ),
        "till-voucher-paused": (
            home,
            at_work | {"voucher": replace(paper, state="paused", label="Paused")},
        ),
        "till-voucher-handed": (home, at_work | {"used": used, "undo": undo}),
        "till-voucher-undone": (home, at_work | {"used": replace(used, is_taken_back=True)}),
    }
