"""The pages of members, and the outbox, with believable contents."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.context import THEME_COLOR
from loyalty.activity import Activity, Bought, Told
from loyalty.balances import Balance, Expiring
from members.card_images import bars, qr_code
from members.portal_forms import CodeForm, ConsentsForm, ContactForm, ProfileForm
from rewards.models import Reward
from rewards.portal_catalog import OfferView
from rewards.portal_page import CardView, Matter, VoucherView
from rewards.services.shelf import Offer
from rewards.voucher_codes import image
from tests.browser.gallery_proofs import portal_proof_pages
from tests.browser.gallery_together import share

CLUB = {"name": "Bean & Leaf", "slug": "bean-and-leaf"}
NUMBER = "2912345678904"
NOTICES = [Message(constants.SUCCESS, "Your changes were saved.")]
Pages = dict[str, tuple[str, dict[str, Any]]]


def frame(current: str = "Card", **shown: Any) -> dict[str, Any]:
    """Return what surrounds every page of the portal."""
    tabs = [
        (_("Card"), "credit-card"),
        (_("Rewards"), "gift"),
        (_("Activity"), "clock"),
        (_("Me"), "user-circle"),
    ]
    return {
        "organization": CLUB,
        "currency": "GBP",
        "theme_color": THEME_COLOR,
        "tabs": [
            {"label": label, "url": "#main", "icon": icon, "current": label == current}
            for label, icon in tabs
        ],
    } | shown


def card(**changes: Any) -> CardView:
    """Return Mina's card."""
    now = timezone.now()
    ending = now + timedelta(days=40)
    shown = {
        "name": "Mina Kaplan",
        "balance": Balance(1240, pending=80, next_expiry=Expiring(120, ending)),
        "coming": Expiring(80, now + timedelta(days=11)),
        "last_day": ending,
        "is_blocked": False,
        "number": "2912 3456 7890 4",
        "qr": qr_code(NUMBER),
        "bars": bars(NUMBER),
        "worth": Decimal("62.00"),
    }
    return CardView(**(shown | changes))


def matters() -> list[Matter]:
    """Return what Mina would like to know."""
    return [
        Matter("gift", "A bag of beans is yours", "You have the points for it.", "#main"),
        Matter("clock", "120 points expire", "Use them until Jan 1.", "#main"),
        Matter("arrow-trending-up", "80 points are on their way", "From Dec 3 on.", "#main"),
    ]


def happened() -> list[Activity]:
    """Return what happened to Mina's points."""
    now = timezone.now()
    return [
        Activity(
            at=now - timedelta(hours=2),
            title="High Street",
            points=33,
            balance_after=1320,
            amount=Decimal("21.50"),
            reasons=[
                Told("Every purchase", "1 point per £1 on £21.50", 21),
                Told("Double on coffee", "2 times the base points on Latte", 12),
            ],
            lines=[Bought("Latte × 2", Decimal("6.80")), Bought("Beans", Decimal("14.70"))],
            notes=["They can be spent from Dec 3 on."],
        ),
        Activity(
            at=now - timedelta(days=3),
            title="Wilhelmina van den Bergh-Featherstonehaugh's cake",
            points=-200,
            balance_after=1287,
            notes=["Spent on a cake."],
        ),
        Activity(
            at=now - timedelta(days=60),
            title="Return, High Street",
            points=-4,
            balance_after=1487,
            amount=Decimal("-4.75"),
            reasons=[Told("Every purchase", points=-4)],
            notes=["Goods came back to the shop."],
        ),
    ]


def offers() -> dict[str, list[OfferView]]:
    """Return what can be had, what is near and what is gone."""

    def offer(name: str, points: int, missing: int = 0, *, gone: bool = False) -> OfferView:
        reward = Reward(public_id=uuid4(), name=name, points=points, description="Any size.")
        can_have = not missing and not gone
        had = 100 * (points - missing) // points
        return OfferView(Offer(reward, missing, gone, can_have), "k" * 32, had)

    return {
        "now": [offer("Coffee", 200), offer("A bag of beans", 900)],
        "later": [offer("Hamper for a picnic in the park", 1320, 80)],
        "sold_out": [offer("Mug", 300, gone=True)],
    }


def voucher(**changes: Any) -> VoucherView:
    """Return a voucher that waits to be used."""
    now = timezone.now()
    shown = {
        "url": "#main",
        "reward": "Coffee",
        "state": "issued",
        "label": "Not used yet",
        "is_open": True,
        "code": "7K2M-9QXD-4TWH",
        "issued_at": now,
        "used_at": None,
        "last_day": now + timedelta(days=30),
        "store": "",
        "terms": "One per visit. Not with other offers.",
        "qr": image("7K2M9QXD4TWH"),
    }
    return VoucherView(**(shown | changes))


def portal_pages() -> Pages:
    """Return the portal."""
    used = voucher(
        state="used", label="Used", is_open=False, used_at=timezone.now(), store="High Street"
    )
    in_debt = card(balance=Balance(-20, held=40, debt=20), coming=None, last_day=None, name="")
    me = {
        "member": {"name": "Mina Kaplan", "email": "mina.kaplan@a-rather-long-domain.example"},
        "phone": "+44 7400 123456",
        "born": "May 17",
        "spoken": _("English"),
        "form": ConsentsForm(initial={"email": True, "request_key": "k"}),
    }
    typed = {"name": "Mina", "birth_day": "31", "birth_month": "2", "request_key": "k"}
    wrong = ProfileForm(typed | {"birth_year": "", "language": ""})
    wrong.is_valid()
    wrong.add_error(None, "This is not a possible birthday.")
    nothing = {"activities": [], "matters": [], "has_more": False}
    return {
        "portal-card": (
            "portal/card.html",
            frame(card=card(), matters=matters(), activities=happened(), has_more=True),
        ),
        "portal-card-new": (
            "portal/card.html",
            frame(card=card(balance=Balance(), coming=None, last_day=None), **nothing),
        ),
        "portal-card-blocked": (
            "portal/card.html",
            frame(card=card(is_blocked=True), **nothing),
        ),
        "portal-card-household": ("portal/card.html", frame(card=card(share=share()), **nothing)),
        "portal-card-debt": ("portal/card.html", frame(card=in_debt, **nothing)),
        "portal-activity": (
            "portal/activity.html",
            frame("Activity", activities=happened(), page={"next_url": "?after=1"}),
        ),
        "portal-activity-new": ("portal/activity.html", frame("Activity", activities=[], page={})),
        "portal-rewards": (
            "portal/rewards.html",
            frame(
                "Rewards", offers=offers(), vouchers=[voucher()], past=[used], balance=Balance(1240)
            ),
        ),
        "portal-rewards-none": (
            "portal/rewards.html",
            frame("Rewards", offers={}, vouchers=[], balance=Balance()),
        ),
        "portal-voucher": ("portal/voucher.html", frame("Rewards", voucher=voucher())),
        "portal-voucher-used": ("portal/voucher.html", frame("Rewards", voucher=used)),
        **portal_proof_pages(frame),
        "portal-me": ("portal/me.html", frame("Me", messages=NOTICES, **me)),
        "portal-edit": ("portal/edit.html", frame("Me", form=wrong)),
        "portal-sign-in": ("portal/sign_in.html", {"club": CLUB, "form": ContactForm()}),
        "portal-code": (
            "portal/code.html",
            {
                "club": CLUB,
                "form": CodeForm(),
                "contact": "07400 123456",
                "next": "/club/bean-and-leaf/activity/",
                "goes_nowhere": True,
            },
        ),
        "outbox": ("outbox.html", {"outgoing": letters()}),
        "outbox-empty": ("outbox.html", {"outgoing": []}),
        "front-club": ("front.html", {"club": CLUB}),
    }


def letters() -> list[dict[str, Any]]:
    """Return two messages that went nowhere, one of them long ago."""
    now = timezone.now()
    text = "204815 is your code for Bean & Leaf. It works for 5 minutes."
    return [
        {"organization": "Bean & Leaf", "to": "+447400123456", "text": text, "created_at": now},
        {
            "organization": "Bean & Leaf",
            "to": "mina.kaplan@a-rather-long-domain.example",
            "subject": "Your code for Bean & Leaf",
            "created_at": now - timedelta(days=2),
        },
    ]
