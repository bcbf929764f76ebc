"""Rewards at the till and in the office, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from core.paging import Page
from members.queries import MaskedMember
from rewards.catalog_forms import RewardForm
from rewards.catalog_page import RedemptionRow, RewardRow
from rewards.models import Reward
from rewards.portal_catalog import OfferView
from rewards.services.shelf import Offer
from rewards.till_page import HandedOver, OfferRow
from rewards.till_vouchers import VoucherPanel

Pages = dict[str, tuple[str, dict[str, Any]]]

CURRENCY = "GBP"
NAMES = ("Coffee", "£5.00 off", "Slice of the day, with a very long name for a small button")
CODE = "7K2M-9QXD-4TWH"
MINA = MaskedMember(
    public_id=UUID(int=1),
    name="Mina K.",
    phone="+44 •••• ••3456",
    card="•••• 0417",
    is_blocked=False,
)
VOUCHER = VoucherPanel(
    name="Five pounds off",
    worth="£5.00 off",
    terms="Once per visit, not together with other vouchers.",
    code=CODE,
    member=MINA,
    state="issued",
    label="Not used yet",
    valid_until=date(2027, 3, 31),
    used_at=None,
    used_in="",
)
GIVEN = HandedOver(
    name="Coffee", worth="", points=200, code=CODE, balance=1040, is_taken_back=False
)


def offer(name: str, points: int, missing: int = 0) -> OfferRow:
    """Return a reward as the till offers it."""
    return OfferRow(uuid4(), name, "", points, missing, 1240, uuid4().hex)


def offers() -> dict[str, Any]:
    """Return what a member with 1,240 points can have, and what is next."""
    every = [offer(name, 200 * (at + 1)) for at, name in enumerate((*NAMES, "Mug", "Tea"))]
    return {
        "public_id": MINA.public_id,
        "offers": [*every, offer("Beans, 250 g", 1100), offer("Grinder brush", 1200)],
        "next_offer": offer("Tasting for two", 1320, 80),
        "sold_out": ["Tote bag"],
    }


def reward(**changes: Any) -> Reward:
    """Return £5 off, of which some were taken."""
    known = {
        "name": "£5 off",
        "kind": Reward.Kind.AMOUNT_OFF,
        "amount": Decimal(5),
        "description": "Off anything in the shop",
        "terms": "Once per visit.",
        "valid_days": 30,
        "points": 500,
        "status": Reward.Status.ACTIVE,
    }
    return Reward(**known | changes)


def redemptions() -> list[RedemptionRow]:
    """Return who took it: one may still use theirs."""
    now = timezone.now()
    told = [
        ("issued", "Not used yet", "", True),
        ("used", "Used", "", False),
        ("canceled", "Canceled", "Wrong size", False),
        ("expired", "Expired", "", False),
    ]
    return [
        RedemptionRow(
            public_id=uuid4(),
            at=now - timedelta(days=3 * at),
            reward="£5 off",
            member=uuid4(),
            name="Mina Kaplan",
            points=500,
            store="High Street" if at else "",
            code="…4TWH",
            state=state,
            label=label,
            reason=reason,
            can_be_canceled=can_be_canceled,
            key=uuid4().hex,
        )
        for at, (state, label, reason, can_be_canceled) in enumerate(told)
    ]


def rows() -> list[RewardRow]:
    """Return a small catalog."""
    told = [
        ("Coffee", "Free product", 200, "∞", 412, "active", "Active"),
        ("£5 off", "£5.00 off", 500, "12 of 100", 31, "active", "Active"),
        ("Mug", "Free product", 900, "0 of 40", 2, "paused", "Paused"),
        ("Tasting for two", "Free product", 1320, "6 of 6", 0, "draft", "Draft"),
    ]
    return [RewardRow(uuid4(), *one) for one in told]


def till_reward_pages(
    at_work: dict[str, Any], member: dict[str, Any], sale: dict[str, Any]
) -> Pages:
    """Return the till with a voucher, and with what was handed over."""
    home = "till/home.html"
    use = {"url": "/till/use/", "key": "u"}
    known = at_work | {"member": member | offers(), "again_url": "?member=1"}
    used = replace(
        VOUCHER, state="used", label="Used", used_at=timezone.now(), used_in="High Street"
    )
    blocked = replace(VOUCHER, member=replace(MINA, is_blocked=True))
    undo = {"url": "/till/undo/", "key": "u"}
    return {
        "till-offers": (home, known | sale),
        "till-voucher": (home, at_work | {"voucher": VOUCHER, "use": use}),
        "till-voucher-used": (home, at_work | {"voucher": used}),
        "till-voucher-blocked": (home, at_work | {"voucher": blocked}),
        "till-given": (home, known | {"given": GIVEN, "undo": undo}),
        "till-given-back": (home, known | {"given": replace(GIVEN, is_taken_back=True)}),
    }


def office_reward_pages(office: Callable[..., dict[str, Any]]) -> Pages:
    """Return the catalog's pages."""
    shown = reward()
    page = {
        "reward": shown,
        "view": OfferView(
            Offer(shown, 0, False, False), "k", 0, icon="banknotes", worth="£5.00 off"
        ),
        "currency": CURRENCY,
        "worth": "£5.00 off",
        "stock": "12 of 100",
        "steps": {"paused", "ended"},
        "rows": redemptions(),
        "page": Page([], next_url="?after=x"),
        "may_manage": True,
    }
    draft = reward(status="draft", kind="free_product", amount=None, valid_days=None, terms="")
    blank = RewardForm(initial={"request_key": "k", "kind": "free_product"}, currency=CURRENCY)
    wrong = RewardForm({"name": "", "kind": "amount_off", "request_key": "k"}, currency=CURRENCY)
    return {
        "office-rewards": (
            "office/rewards.html",
            office(rows=rows(), page=Page([]), may_manage=True, currency=CURRENCY),
        ),
        "office-rewards-none": (
            "office/rewards.html",
            office(rows=[], page=Page([]), may_manage=True),
        ),
        "office-reward": ("office/reward.html", office(**page)),
        "office-reward-draft": (
            "office/reward.html",
            office(**page | {"reward": draft, "steps": {"active", "ended"}, "rows": []}),
        ),
        "office-reward-new": ("office/reward_form.html", office(form=blank)),
        "office-reward-wrong": ("office/reward_form.html", office(form=wrong, reward=shown)),
    }
