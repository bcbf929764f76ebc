"""The full catalog as members, cashiers and the office see it, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.paging import Page
from loyalty.balances import Balance
from rewards.catalog_forms import CategoryForm, Named, RewardForm
from rewards.catalog_page import RewardRow
from rewards.catalog_sheet import CategoryRow
from rewards.kind_words import ICONS
from rewards.kinds import Access
from rewards.looks import Filter
from rewards.models import Reward
from rewards.portal_catalog import Look, OfferView, RewardPage
from rewards.services.shelf import Offer
from rewards.till_page import Choice, OfferRow
from tests.pictures import painted

Pages = dict[str, tuple[str, dict[str, Any]]]
Drawn = Callable[..., dict[str, Any]]

CURRENCY = "GBP"
COLORS = ("#c85a2b", "#4f7c5a", "#7c5a4f", "#385a7c")
DIGESTS = tuple(str(at) * 64 for at in range(len(COLORS)))
NAMED = Named(
    categories=[("drinks", "Drinks"), ("days-out", "Days out")],
    stores=[("1", "High Street"), ("2", "Station")],
    tiers=[("silver", "Silver"), ("gold", "Gold")],
    groups=[("friends", "Friends of the shop")],
    options=[("coffee", "Coffee"), ("slice", "Slice of the day"), ("tea", "Pot of tea")],
)


def picture_at(path: str) -> bytes:
    """Return the picture that a page of the gallery asks for."""
    name = path.rpartition("/")[2]
    color = COLORS[int(name[0])] if name[:1].isdigit() else COLORS[0]
    return painted(960, 640, kind="WEBP", color=color)


def view(name: str, points: int, **told: Any) -> OfferView:
    """Return a card of the shelf."""
    kind = told.pop("kind", "free_product")
    shot = told.pop("picture", None)
    missing, reason = told.pop("missing", 0), told.pop("reason", "")
    options = told.pop("options", ())
    reward = Reward(
        public_id=uuid4(),
        name=name,
        points=points,
        kind=kind,
        price_money=told.pop("money", None),
        description=told.pop("description", ""),
        terms="One per visit. Not with other offers.",
        picture_id=DIGESTS[shot] if shot is not None else None,
        picture_alt=name,
    )
    gone = reason == "sold_out"
    offer = Offer(
        reward,
        missing,
        gone,
        not missing and not reason,
        1240,
        reason,
        [one.offer for one in options],
    )
    return OfferView(offer, uuid4().hex, offer.progress, icon=ICONS[kind], **told)


def choices() -> list[OfferView]:
    """Return what there is to choose from."""
    return [
        view("Coffee", 200, picture=0, description="Any size, also with oat milk"),
        view("Slice of the day", 200, picture=2),
        view("Pot of tea", 200, reason="sold_out"),
    ]


def shelf() -> dict[str, list[OfferView]]:
    """Return a shelf with one of everything."""
    return {
        "now": [
            view("Coffee", 200, picture=0, description="Any size.", countdown="3 days left"),
            view("A treat of your choice", 250, kind="choose_one", picture=2, options=choices()),
            view("Enamel mug, signed", 900, picture=3, edition="23 of 100 left", money=Decimal(2)),
            view("20 % off anything", 500, kind="percent_off", worth="20 % off"),
        ],
        "later": [
            view(
                "Hamper for a picnic in the park",
                1320,
                missing=80,
                picture=1,
                countdown="ends today",
            ),
            view(
                "Evening in the roastery",
                3000,
                kind="experience",
                reason="not_eligible",
                note="From Gold on",
            ),
            view(
                "Secret menu",
                100,
                kind="access",
                reason="limit_reached",
                note="You have had yours.",
            ),
        ],
        "sold_out": [view("Tote bag", 300, reason="sold_out")],
    }


def ways(*names: str) -> list[Filter]:
    """Return ways to look, the first of which is on."""
    return [Filter(name, "#main", at == 0) for at, name in enumerate(names)]


def portal_catalog_pages(frame: Drawn, voucher: Callable[..., Any]) -> Pages:
    """Return the catalog in the portal."""
    filters = {
        "reach": ways("All", "Within reach", "Almost there"),
        "categories": ways("Everything", "Drinks", "Days out"),
    }
    shown = {"balance": Balance(1240), "vouchers": [], "past": [], "filters": filters}
    facts = [
        ("How many", "1 per member and week"),
        ("Offered until", "Jul 6"),
        ("Voucher", "valid for 30 days"),
    ]
    plain = RewardPage(shelf()["now"][2], "Show the voucher at the till.", facts)
    choose = RewardPage(
        shelf()["now"][1], "Choose one; you get a voucher for it.", facts[:1], choices()
    )
    near = RewardPage(shelf()["later"][0], "Show the voucher at the till.", [])
    access = Access(link="https://club.example/secret", access_code="OPEN-SESAME")
    edition = {
        "serial": 12,
        "serial_of": 100,
        "price_money": Decimal(2),
        "picture": DIGESTS[3],
        "alt": "A mug",
    }
    rewards, reward = "portal/rewards.html", "portal/reward.html"
    one = {"balance": Balance(1240), "stores": ["High Street", "Station"]}
    return {
        "portal-catalog": (rewards, frame("Rewards", offers=shelf(), look=Look(), **shown)),
        "portal-catalog-nothing": (
            rewards,
            frame("Rewards", offers={}, look=Look("near"), **shown),
        ),
        "portal-reward": (reward, frame("Rewards", page=plain, **one)),
        "portal-reward-choice": (reward, frame("Rewards", page=choose, **one)),
        "portal-reward-near": (reward, frame("Rewards", page=near, **one | {"stores": []})),
        "portal-voucher-access": (
            "portal/voucher.html",
            frame(
                "Rewards", voucher=voucher(access=access, what_to_do="What opens it stands here.")
            ),
        ),
        "portal-voucher-edition": (
            "portal/voucher.html",
            frame("Rewards", voucher=voucher(**edition)),
        ),
    }


def till_catalog_pages(at_work: dict[str, Any], member: dict[str, Any], sale: Any) -> Pages:
    """Return the till's shelf with pictures, money and a choice."""
    picks = [
        Choice(uuid4(), one.offer.reward.name, "", one.icon, one.offer.can_have)
        for one in choices()
    ]
    coffee = OfferRow(uuid4(), "Coffee", "", 200, 0, 1240, "k", picture=DIGESTS[0])
    mug = replace(
        coffee,
        reward=uuid4(),
        name="Enamel mug, signed",
        points=900,
        price_money=Decimal(2),
        picture=DIGESTS[3],
    )
    treat = replace(coffee, reward=uuid4(), name="A treat", choices=picks, picture=DIGESTS[2])
    shown = member | {"offers": [coffee, treat, mug], "next_offer": None, "sold_out": []}
    return {"till-shelf": ("till/home.html", at_work | {"member": shown} | sale)}


def office_catalog_pages(office: Drawn) -> Pages:
    """Return the office's table, form and categories."""
    told = [
        ("Coffee", "Free product", 200, "∞", 412, "active", "Active", DIGESTS[0], "gift", "Drinks"),
        (
            "20 % off",
            "20 % off",
            500,
            "12 of 100",
            31,
            "active",
            "Active",
            "",
            "receipt-percent",
            "",
        ),
        (
            "Enamel mug, signed",
            "Product for members only",
            900,
            "0 of 40",
            2,
            "paused",
            "Paused",
            DIGESTS[3],
            "star",
            "Days out",
        ),
    ]
    more = [
        (None, None, None, 1, Decimal("206.00")),
        (None, 12, 100, 2, Decimal("77.50")),
        (Decimal(2), 0, 40, 3, None),
    ]
    rows = [RewardRow(uuid4(), *one, *rest) for one, rest in zip(told, more, strict=True)]
    looks = {
        "states": ways("All", "Draft", "Active", "Paused"),
        "categories": ways("Everything", "Drinks"),
    }
    shelves = [
        CategoryRow(uuid4(), "Drinks", 12, is_first=True, is_last=False, key="a" * 30),
        CategoryRow(
            uuid4(),
            "Days out with a rather long name",
            3,
            is_first=False,
            is_last=True,
            key="b" * 30,
        ),
    ]
    choice = {
        "request_key": "k",
        "kind": "choose_one",
        "points": 250,
        "tiers": ["gold"],
        "starts_on": date(2026, 7, 6),
    }
    form = RewardForm(initial=choice, currency=CURRENCY, named=NAMED, has_picture=True)
    sent = {
        "request_key": "k",
        "name": "Back room",
        "kind": "access",
        "link": "http://x",
        "points": "100",
    }
    wrong = RewardForm(sent, currency=CURRENCY, named=NAMED)
    blank = CategoryForm(initial={"request_key": "k"})
    known = Reward(
        public_id=uuid4(), name="Treat", picture_id=DIGESTS[2], picture_alt="A slice of cake"
    )
    categories = "office/reward_categories.html"
    table = {"page": Page([]), "looks": looks, "may_manage": True, "currency": CURRENCY}
    return {
        "office-catalog": ("office/rewards.html", office(rows=rows, **table)),
        "office-catalog-nothing": ("office/rewards.html", office(rows=[], is_narrow=True, **table)),
        "office-reward-choice": ("office/reward_form.html", office(form=form, reward=known)),
        "office-reward-closed": ("office/reward_form.html", office(form=wrong)),
        "office-categories": (categories, office(rows=shelves, form=blank)),
        "office-categories-none": (categories, office(rows=[], form=blank)),
    }
