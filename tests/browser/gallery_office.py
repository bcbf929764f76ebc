"""The back-office's pages on members, stores, staff and the log, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.log_page import LogRow
from core.log_words import KINDS
from core.models import Staff, Store, User
from core.office_forms import (
    LogFilters,
    NewStaffForm,
    NewStoreForm,
    SetPinForm,
    StaffForm,
    StoreForm,
)
from core.paging import Page
from loyalty.balances import Balance, Expiring
from loyalty.forms.adjusting import AdjustForm, LedgerFilters
from loyalty.member_page import EntryRow, MemberRow, Overview, PurchaseRow, ReasonRow, TakenRow, Who
from loyalty.models import Program
from loyalty.queries import Holding
from loyalty.receipt_page import AwardRow, LineRow, Receipt, ReturnRow, Waits
from loyalty.services.adjustments import Preview
from members.forms import BlockForm, MemberFilters, MemberForm, NewMemberForm, UnblockForm

Pages = dict[str, tuple[str, dict[str, Any]]]

CURRENCY = "GBP"
STORES = [Store(code="HS", name="High Street"), Store(code="ST", name="Station", time_zone="UTC")]
OWNER = Staff(name="Ada", role="owner", code="1", user=User(email="ada@bean.example"))
OWNER.places = []  # type: ignore[attr-defined]  # the query adds them
OWNER.has_second_factor = True  # type: ignore[attr-defined]
CASHIER = Staff(
    name="Þórdís van den Bergh-Featherstonehaugh", role="cashier", code="thordis", pin_hash="x"
)
CASHIER.places = STORES  # type: ignore[attr-defined]
CASHIER.has_second_factor = False  # type: ignore[attr-defined]
LEFT = Staff(name="Zoë", role="analyst", code="3", is_active=False)
LEFT.places = STORES[:1]  # type: ignore[attr-defined]
LEFT.has_second_factor = False  # type: ignore[attr-defined]


def mina(**changes: Any) -> Who:
    """Return Mina, as her shop's owner sees her."""
    known = {
        "public_id": uuid4(),
        "name": "Mina Karimi",
        "phone": "+44 7400 123456",
        "state": "active",
        "state_label": "Active",
        "joined_at": timezone.now() - timedelta(days=400),
        "home_store": "High Street",
        "email": "mina@example.org",
        "card": "2900000000417",
    }
    return Who(**known | changes)


def member_list() -> dict[str, Any]:
    """Return three members, one of them without a name, one kept out."""
    long = "Wilhelmina van den Bergh-Featherstonehaugh"
    now = timezone.now()
    blocked = {"state": "blocked", "state_label": "Blocked"}
    return {
        "form": MemberFilters({}, stores=STORES),
        "may_manage": True,
        "page": Page([], "", "?after=x"),
        "rows": [
            MemberRow(mina(), 1240, now - timedelta(days=2)),
            MemberRow(mina(name="", home_store=""), 0, None),
            MemberRow(mina(name=long, **blocked), -20, now - timedelta(days=60)),
        ],
    }


def overview() -> Overview:
    """Return what Mina has and bought."""
    now = timezone.now()
    ends = Expiring(120, now + timedelta(days=40))
    holding = Holding(Program(name="Beans"), Balance(1240, 80, 0, 0, ends))
    bought = [
        PurchaseRow(now - timedelta(days=days), "High Street", Decimal(amount), "#main")
        for days, amount in ((2, "12.40"), (5, "30.10"))
    ]
    return Overview([holding], bought)


def entries() -> list[EntryRow]:
    """Return a purchase with its reasons and a correction with what it took."""
    now = timezone.now()
    why = [
        ReasonRow("Base, version 1", "1 point per £1 on £21.50", 21),
        ReasonRow("Double points on coffee, version 3", "2 lattes · capped at 12", 12),
    ]
    taken = [TakenRow(12, now - timedelta(days=30), now + timedelta(days=335))]
    shared = {"at": now, "program": "Beans", "actor": "Ada"}
    return [
        EntryRow(
            **shared,
            kind="Adjusted",
            points=-12,
            balance_after=1228,
            reason="Wrong card",
            url="",
            why=[],
            taken=taken,
        ),
        EntryRow(
            **shared,
            kind="Earned",
            points=33,
            balance_after=1240,
            reason="",
            url="#main",
            why=why,
            taken=[],
        ),
    ]


def receipt() -> Receipt:
    """Return a receipt of which one thing came back."""
    now = timezone.now()
    return Receipt(
        number="HS/2/2026-11-20/1001",
        source="till",
        store="High Street",
        at=now - timedelta(days=2),
        actor="Ada",
        total=Decimal("21.50"),
        member=mina(),
        points=33,
        lines=[
            LineRow("Latte", Decimal(2), Decimal("6.80"), 24, Decimal(1)),
            LineRow("Beans", Decimal("0.25"), Decimal("14.70"), 9, Decimal(0)),
        ],
        awards=[
            AwardRow(UUID(int=1), "Base", 1, 21, 0, "1 point per £1 on £21.50"),
            AwardRow(UUID(int=2), "Double points on coffee", 3, 12, -6, "2 lattes"),
        ],
        returns=[ReturnRow(now, Decimal("3.40"), -9)],
        payments=[("Card", Decimal("21.50"))],
    )


def waiting_receipt() -> Receipt:
    """Return a receipt whose points wait until it is settled."""
    last_day = timezone.now() + timedelta(days=12)
    return replace(receipt(), returns=[], waits=Waits(33, last_day))


def known() -> dict[str, Any]:
    """Return what only owners and managers see of a member."""
    now = timezone.now()
    card = {"number": "2900000000417", "status": "active", "get_status_display": "Active"}
    said = {"get_purpose_display": "Offers and news", "get_channel_display": "E-mail"}
    consent = said | {"granted": True, "text_version": "2026-01", "occurred_at": now}
    member = {
        "get_joined_source_display": "Till",
        "language": "fa",
        "external_id": "crm-1",
    }
    return {
        "noted": [("Allergies", "nuts"), ("Shoe size", "38")],
        "groups": [{"public_id": uuid4(), "name": "Friends of the shop"}],
        "known": member,
        "birthday": "May 17",
        "cards": [card],
        "consents": [consent | {"get_source_display": "Back-office"}],
    }


def log() -> dict[str, Any]:
    """Return three things that were done."""
    now = timezone.now()
    kinds = {kind.subject: kind for kind in KINDS}
    return {
        "form": LogFilters({}, actors={"staff:1": "Ada", "system": "Regulars"}, kinds=kinds),
        "page": Page([]),
        "rows": [
            LogRow(now, "Ada blocked Mina Karimi", "#main", [], "Two cards, one person"),
            LogRow(now - timedelta(days=1), "Ada edited Mina", "#main", ["e-mail", "phone"], ""),
            LogRow(now - timedelta(days=9), "Regulars brought in past receipts", "", [], ""),
        ],
    }


def member_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the pages on members and their receipts."""
    who = {"member": mina(), "may_manage": True, "currency": CURRENCY}
    kept_out = who | {"member": mina(state="blocked", state_label="Blocked")}
    typed = {"direction": "take", "points": 12, "reason": "Wrong card"}
    adjust = AdjustForm(initial={"request_key": "k"})
    wrong = AdjustForm({"direction": "give", "points": "x", "reason": "", "request_key": "k"})
    preview = {"preview": Preview(1240, 1228), "change": -12, "typed": typed}
    nobody = member_list() | {"rows": [], "page": Page([])}
    return {
        "members": ("office/members.html", office(**member_list())),
        "members-none": ("office/members.html", office(**nobody)),
        "members-not-found": ("office/members.html", office(**nobody, is_narrowed=True)),
        "member-new": ("office/member_new.html", office(form=NewMemberForm(stores=STORES))),
        "member": ("office/member.html", office(**who, shown=overview())),
        "member-blocked": ("office/member.html", office(**kept_out, shown=Overview([], []))),
        "member-ledger": (
            "office/member_ledger.html",
            office(**who, form=LedgerFilters({}), page=Page([]), rows=entries()),
        ),
        "member-details": ("office/member_details.html", office(**who, **known())),
        "member-edit": ("office/member_edit.html", office(**who, form=MemberForm(stores=STORES))),
        "member-block": (
            "office/member_block.html",
            office(**who, form=BlockForm({"reason": "", "request_key": "k"}), blocks=True),
        ),
        "member-unblock": ("office/member_block.html", office(**who, form=UnblockForm())),
        "member-adjust": ("office/member_adjust.html", office(**who, form=adjust, most=10_000)),
        "member-adjust-wrong": (
            "office/member_adjust.html",
            office(**who, form=wrong, most=10_000),
        ),
        "member-adjust-sure": (
            "office/member_adjust.html",
            office(**who, form=adjust, most=10_000, **preview),
        ),
        "office-receipt-waits": (
            "office/purchase.html",
            office(receipt=waiting_receipt(), currency=CURRENCY, settle_url="#", request_key="k"),
        ),
        "office-receipt": ("office/purchase.html", office(receipt=receipt(), currency=CURRENCY)),
    }


def place_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the pages on stores, staff and the log."""
    person = {
        "person": CASHIER,
        "may_change": True,
        "form": StaffForm(
            initial={"name": CASHIER.name, "role": "cashier", "stores": ["HS"]},
            stores=STORES,
            by=OWNER,
        ),
        "pin_form": SetPinForm(auto_id="pin_%s"),
        "request_key": "k",
    }
    new = NewStaffForm(
        {"name": "", "role": "cashier", "pin": "1", "request_key": "k"}, stores=STORES, by=OWNER
    )
    link = "https://bean.example/accounts/link/3q2-7w-Xy0123456789abcdefghijklmnopqrstuv/"
    return {
        "store-new": ("office/store.html", office(form=NewStoreForm())),
        "store-edit": ("office/store.html", office(form=StoreForm(), store=STORES[0])),
        "staff": ("office/staff.html", office(team=[OWNER, CASHIER, LEFT])),
        "staff-new": ("office/staff_new.html", office(form=new)),
        "staff-member": ("office/staff_member.html", office(**person)),
        "staff-left": ("office/staff_member.html", office(**person | {"person": LEFT})),
        "staff-out-of-reach": (
            "office/staff_member.html",
            office(**person | {"person": OWNER, "may_change": False}),
        ),
        "staff-link": ("office/staff_link.html", office(person=CASHIER, link=link)),
        "log": ("office/log.html", office(**log())),
        "log-empty": ("office/log.html", office(**log() | {"rows": []})),
    }


def back_office_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return these pages by name; ``office`` gives what surrounds each."""
    return member_pages(office) | place_pages(office)
