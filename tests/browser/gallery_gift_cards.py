"""Gift cards at the till, in the office and in the portal, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.paging import Page
from rewards.gift_card_codes import image
from rewards.gift_card_forms import (
    AdjustForm,
    BatchForm,
    BlockForm,
    LoadForm,
    SearchForm,
    SellForm,
    ShowForm,
    TermsForm,
)
from rewards.gift_card_page import BatchRow, CardRow, MoveRow, OnReceipt
from rewards.services.gift_card_reading import Outstanding
from tests.browser.gallery_portal import frame

Pages = dict[str, tuple[str, dict[str, Any]]]

CURRENCY = "GBP"
CODE = "7K2M-9QXD-4TWH-8RZ3V"
KEY = {"request_key": "k"}


def card(**changes: Any) -> CardRow:
    """Return a card with some money left on it."""
    now = timezone.now()
    known = CardRow(
        public_id=UUID(int=7),
        ending="•••• RZ3V",
        balance=Decimal("32.50"),
        currency=CURRENCY,
        state="active",
        label="Active",
        valid_until=now + timedelta(days=300),
        sold_at=now - timedelta(days=40),
        sold_in="High Street",
        loaded=Decimal("50.00"),
        email="somebody.with.a.long.name@a-rather-long-domain.example",
        mail="sent",
    )
    return replace(known, **changes)


def with_code(**changes: Any) -> CardRow:
    """Return the same as who may spend it sees it."""
    return card(code=CODE, qr=image(CODE.replace("-", "")), **changes)


def rows() -> list[CardRow]:
    """Return cards in every state."""
    return [
        card(holder="Mina Kaplan"),
        card(state="blocked", label="Blocked", valid_until=None),
        card(state="expired", label="Expired", balance=Decimal(0), sold_in=""),
        card(state="blank", label="Not sold yet", balance=Decimal(0), sold_at=None),
    ]


def moves() -> list[MoveRow]:
    """Return what happened to a card, newest first."""
    now = timezone.now()
    told = [
        ("Put back", "Receipt 1042, High Street", "2.50", "32.50", "Ada"),
        ("Paid with it", "Receipt 1042, High Street", "-20.00", "30.00", "Ada"),
        ("Corrected", "Loaded twice by mistake", "-50.00", "50.00", "Mohammad-Reza"),
        ("Loaded", "", "100.00", "100.00", ""),
    ]
    return [
        MoveRow(now - timedelta(days=at), title, detail, Decimal(amount), Decimal(left), who)
        for at, (title, detail, amount, left, who) in enumerate(told)
    ]


def batches() -> list[BatchRow]:
    """Return a batch that is being made, one that waits, and one that is printed."""
    at = timezone.now()
    return [
        BatchRow(uuid4(), "Summer, with a name longer than most", 1500, 5000, 0, 30, False, None),
        BatchRow(uuid4(), "Christmas", 500, 500, 0, 100, True, None),
        BatchRow(uuid4(), "First print", 200, 200, 134, 100, True, at),
    ]


def gift_card_pages(office: Callable[..., dict[str, Any]], at_work: dict[str, Any]) -> Pages:
    """Return every page about gift cards."""
    return _office(office) | _till(at_work) | _portal()


def _office(office: Callable[..., dict[str, Any]]) -> Pages:
    owed = Outstanding(Decimal("12480.50"), 312)
    listed = {
        "rows": rows(),
        "page": Page([], next_url="?after=x"),
        "search": SearchForm({"q": "RZ3V", "state": ""}),
        "is_searched": False,
        "owed": owed,
        "currency": CURRENCY,
        "may_manage": True,
    }
    forms = {
        "load": LoadForm(initial=KEY, currency=CURRENCY),
        "adjust": AdjustForm(initial=KEY | {"direction": "up"}, currency=CURRENCY),
        "block": BlockForm(initial=KEY),
    }
    wrong = LoadForm({"amount": "5,0,0", "request_key": "k"}, currency=CURRENCY)
    wrong.is_valid()
    one = {
        "card": card(holder="Mina Kaplan", has_pin=True, batch="Christmas"),
        "moves": moves(),
        "page": Page([]),
        "forms": forms,
        "tried": "",
        "key": "k",
        "may_manage": True,
    }
    sell = SellForm(initial=KEY, currency=CURRENCY)
    missing = SellForm({"amount": "", "email": "nobody", "request_key": "k"}, currency=CURRENCY)
    terms = {"refund_to_ended": "new_card", "balance_max": Decimal(1000), "load_max": Decimal(500)}
    decided = TermsForm(initial=KEY | terms, currency=CURRENCY)
    made = {"rows": batches(), "page": Page([]), "form": BatchForm(initial=KEY)}
    page, none = "office/gift_card.html", {"rows": [], "owed": Outstanding(Decimal(0), 0)}
    return {
        "office-gift-cards": ("office/gift_cards.html", office(**listed)),
        "office-gift-cards-none": ("office/gift_cards.html", office(**listed | none)),
        "office-gift-cards-not-found": (
            "office/gift_cards.html",
            office(**listed | {"rows": [], "is_searched": True}),
        ),
        "office-gift-card": (page, office(**one)),
        "office-gift-card-wrong": (
            page,
            office(**one | {"forms": forms | {"load": wrong}, "tried": "load"}),
        ),
        "office-gift-card-sold": (page, office(**one | {"card": with_code(mail="waiting")})),
        "office-gift-card-blocked": (
            page,
            office(**one | {"card": card(state="blocked", label="Blocked")}),
        ),
        "office-gift-card-expired": (
            page,
            office(**one | {"card": card(state="expired", label="Expired"), "moves": []}),
        ),
        "office-gift-card-sell": (
            "office/gift_card_sell.html",
            office(form=sell, asks_pin=True),
        ),
        "office-gift-card-sell-wrong": (
            "office/gift_card_sell.html",
            office(form=missing, asks_pin=False),
        ),
        "office-gift-card-terms": (
            "office/gift_card_terms.html",
            office(form=decided, may_manage=True),
        ),
        "office-gift-card-batches": (
            "office/gift_card_batches.html",
            office(**made, is_making=True),
        ),
        "office-gift-card-batches-none": (
            "office/gift_card_batches.html",
            office(**made | {"rows": []}, is_making=False),
        ),
    }


def _till(at_work: dict[str, Any]) -> Pages:
    home = "till/home.html"
    answer = {"points": 24, "reasons": [], "amount": Decimal("40.00"), "receipt": "1042"}
    answer |= {"balance": 1264, "pending": 0, "lines": []}
    moved = [OnReceipt("Paid with a gift card", Decimal(20), Decimal(30), CURRENCY, "•••• RZ3V")]
    return {
        "till-gift-card": (home, at_work | {"gift_card": card()}),
        "till-gift-card-pin": (
            home,
            at_work | {"ask_pin": ShowForm(initial=KEY | {"code": CODE}), "refusal": "Wrong PIN."},
        ),
        "till-gift-card-sell": (
            home,
            at_work | {"selling": SellForm(initial=KEY, currency=CURRENCY), "asks_pin": True},
        ),
        "till-gift-card-sold": (home, at_work | {"sold": with_code()}),
        "till-gift-card-print": (
            "till/gift_card_print.html",
            at_work | {"card": with_code(), "shop": "Bean & Leaf"},
        ),
        "till-gift-card-paid": (home, at_work | {"answer": answer, "gift_cards": moved}),
    }


def _portal() -> Pages:
    wrong = ShowForm({"code": CODE, "pin": "", "request_key": "k"})
    wrong.is_valid()
    wrong.add_error("code", "This gift card cannot be used.")
    nothing = {"rows": [], "page": Page([]), "form": ShowForm(initial=KEY)}
    shown = {"card": with_code(), "moves": moves(), "page": Page([])}
    over = with_code(state="expired", label="Expired", balance=Decimal(0))
    return {
        "portal-gift-cards": (
            "portal/gift_cards.html",
            frame(rows=rows()[:3], page=Page([]), form=wrong),
        ),
        "portal-gift-cards-none": ("portal/gift_cards.html", frame(**nothing)),
        "portal-gift-card": ("portal/gift_card.html", frame(**shown)),
        "portal-gift-card-expired": ("portal/gift_card.html", frame(**shown | {"card": over})),
    }
