"""Rewards that are sent or picked up, in the office, the portal and at the till."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils import timezone

from core.keyed_forms import KeyForm
from core.models import Store
from core.paging import Page
from rewards.delivery_page import STEPS as DELIVERY_STEPS
from rewards.delivery_page import DeliveryStep, DeliveryView, PickupRow, Pickups
from rewards.fulfillment_forms import AddressForm, LookForm, SentForm, StoreForm
from rewards.fulfillment_page import (
    BACK,
    BULK,
    NOTHING,
    RESTS,
    STEPS,
    TABS,
    UNPACK,
    Cancel,
    FulfillmentRow,
    FulfillmentView,
    HistoryRow,
    Status,
    tabs,
)
from rewards.models import Reward
from rewards.offer_page import OfferRow
from rewards.paper import (
    LABEL_SHEET,
    PARCEL,
    Label,
    Pick,
    PickList,
    label_context,
    pick_context,
)
from rewards.portal_catalog import HOW, OfferView, RewardPage
from rewards.portal_page import Matter
from rewards.services.shelf import Offer
from rewards.till_page import HandedOver
from rewards.voucher_codes import image
from tests.browser.gallery_portal import card, frame, voucher

Pages = dict[str, tuple[str, dict[str, Any]]]

KEY = {"request_key": "k"}
CODE = "7K2M-9QXD-4TWH"
PLAIN = CODE.replace("-", "")
LINES = ["Mina Kaplan", "Flat 3, 12 Rather-Long-Name Street", "SW1A 1AA London", "United Kingdom"]
STORES = [
    Store(code="HS", name="High Street"),
    Store(code="ST", name="Station, behind the market hall"),
]
TYPED = {"name": "Mina", "line1": "", "city": "", "country": "GB", "phone": "0", "note": "Ring"}


def row(state: str = "open", **changes: Any) -> FulfillmentRow:
    """Return a mug on its way to Mina."""
    known = FulfillmentRow(
        public_id=uuid4(),
        reward="Mug",
        code=CODE,
        member="Mina Kaplan",
        method="Sent to an address",
        icon="truck",
        goes_to="London, United Kingdom",
        at=timezone.now() - timedelta(days=2),
        state=state,
        label=str(Status(state).label),
    )
    return replace(known, **changes)


def picked_up(state: str = "open", **changes: Any) -> FulfillmentRow:
    """Return a bag that is picked up."""
    known = {"reward": "Tote bag from the small edition of the summer", "number": "No. 4 of 50"}
    known |= {"method": "Picked up at a store", "icon": "building-storefront"}
    return replace(row(state, goes_to="High Street"), **known | changes)


def rows(state: str) -> list[FulfillmentRow]:
    """Return some in one state."""
    long = "Wilhelmina van den Bergh-Featherstonehaugh"
    if state == "waiting":
        return [row(state, goes_to=""), picked_up(state, goes_to="")]
    return [row(state), picked_up(state), row(state, member=long, goes_to="")]


def one(state: str = "open", method: str = "shipping", **changes: Any) -> FulfillmentView:
    """Return one on its way, with its past."""
    now, is_sent = timezone.now(), method == "shipping"
    is_placed = state != "waiting"
    step = STEPS.get((Status(state), Reward.Delivery(method)))
    past = [
        HistoryRow("It was said where it goes", now - timedelta(days=1), "Member"),
        HistoryRow("The member got it", now - timedelta(days=2)),
    ]
    shown: dict[str, Any] = {
        "row": row(state) if is_sent else picked_up(state),
        "member_id": UUID(int=1),
        "reward_id": UUID(int=2),
        "key": "k",
        "lines": LINES if is_sent and is_placed else (),
        "store": "" if is_sent or not is_placed else "High Street",
        "phone": "+447400123456" if is_sent and is_placed else "",
        "note": "Ring twice, the dog is friendly" if is_placed else "",
        "step": step,
        "back": BACK.get(Status(state), ""),
        "rest": "" if step else RESTS[Status(state)],
        "can_be_labeled": is_sent and is_placed,
        "can_change_where": state in {"waiting", "open"},
        "cancel": None
        if state in {"done", "canceled"}
        else Cancel(UUID(int=3), "Mina Kaplan", "k"),
        "history": past if is_placed else past[1:],
    }
    return FulfillmentView(**shown | changes)


def delivery(reached: int, title: str, method: str = "shipping", **changes: Any) -> DeliveryView:
    """Return how far something is, as Mina reads it."""
    titles = DELIVERY_STEPS[method] if reached >= 0 else ()
    last = len(titles) - 1
    steps = [
        DeliveryStep(words, is_done=at < reached or reached == last, is_current=at == reached)
        for at, words in enumerate(titles)
    ]
    icon = "truck" if method == "shipping" else "building-storefront"
    return DeliveryView(**{"title": title, "icon": icon, "steps": steps, **changes})


def fulfillment_pages(
    office: Callable[..., dict[str, Any]],
    at_work: dict[str, Any],
    member: dict[str, Any],
    sale: dict[str, Any],
) -> Pages:
    """Return every page about rewards that are sent or picked up."""
    return _office(office) | _portal() | _till(at_work, member, sale) | _paper()


def _listed(state: str, **changes: Any) -> dict[str, Any]:
    counts = dict.fromkeys(TABS, 3) | {Status.DONE: 1240}
    stores = [(store.code, store.name) for store in STORES]
    look = LookForm(QueryDict(), stores=stores, rewards=[("1", "Mug"), ("2", "Tote bag")])
    return {
        "rows": rows(state),
        "page": Page([], next_url="?after=x"),
        "tabs": tabs(counts, state, {}),
        "look": look,
        "address": "",
        "is_empty": False,
        "nothing": NOTHING[Status(state)],
        "bulk": BULK.get(Status(state)),
        "key": "k",
    } | changes


def _office(office: Callable[..., dict[str, Any]]) -> Pages:
    every, page = "office/fulfillment/list.html", "office/fulfillment/one.html"
    plain, sent = KeyForm(initial=KEY), SentForm(initial=KEY)
    known = SentForm(initial=KEY | {"carrier": "Swift Post", "tracking": "SP 123 456 789 GB"})
    tracked = {"carrier": "Swift Post", "tracking": "SP 123 456 789 GB"}
    gone = {"lines": (), "phone": "", "note": "", "can_be_labeled": False}
    wrong = AddressForm(TYPED | KEY)
    wrong.is_valid()
    states = {
        f"office-fulfillment-{state}": (every, office(**_listed(state)))
        for state in ("waiting", "ready", "done")
    }
    to_unpack = _listed("canceled", rows=[row("canceled", is_to_unpack=True), row("canceled")])
    return states | {
        "office-fulfillment": (every, office(**_listed("open"))),
        "office-fulfillment-canceled": (every, office(**to_unpack)),
        "office-fulfillment-none": (every, office(**_listed("open", rows=[], is_empty=True))),
        "office-fulfillment-nothing": (every, office(**_listed("ready", rows=[]))),
        "office-fulfillment-one": (page, office(one=one(), form=plain)),
        "office-fulfillment-one-waiting": (page, office(one=one("waiting"), form=plain)),
        "office-fulfillment-one-ready": (page, office(one=one("ready"), form=sent)),
        "office-fulfillment-one-pickup": (page, office(one=one("ready", "pickup"), form=plain)),
        "office-fulfillment-one-sent": (page, office(one=one("done", **tracked), form=known)),
        "office-fulfillment-one-fetched": (page, office(one=one("done", "pickup"), form=plain)),
        "office-fulfillment-one-canceled": (
            page,
            office(one=one("canceled", rest=UNPACK, **gone), form=plain),
        ),
        "office-fulfillment-where": (
            "office/fulfillment/where.html",
            office(one=one("waiting"), form=wrong),
        ),
    }


def _portal() -> Pages:
    home = {"lines": LINES, "where_url": "#main", "ask": "Change the address"}
    asks = {"needs_answer": True, "where_url": "#main", "state": "waiting"}
    asks |= {"text": "Tell us by May 3, and we begin to pack."}
    states = {
        "waiting": delivery(-1, "Where shall we send it?", ask="Give the address", **asks),
        "open": delivery(0, "We are packing it", text="It goes to this address:", **home),
        "ready": delivery(1, "It is packed", text="It leaves soon, to this address:", lines=LINES),
        "sent": delivery(
            2, "Sent on May 3", carrier="Swift Post", tracking="SP-123-456-789-123-456-789-GB"
        ),
        "pickup-waiting": delivery(
            -1, "Where will you pick it up?", "pickup", ask="Choose the store", **asks
        ),
        "pickup-ready": delivery(1, "Ready at High Street", "pickup", is_ready_here=True),
        "pickup-done": delivery(2, "Picked up on May 3", "pickup", text="High Street"),
        "canceled": delivery(-1, "This was canceled", state="canceled"),
    }
    pages = {f"portal-delivery-{name}": _taken(view) for name, view in states.items()}
    wrong = AddressForm(TYPED | KEY)
    wrong.is_valid()
    return pages | {
        "portal-where": ("portal/where.html", _asked(AddressForm(initial=KEY), "Give the address")),
        "portal-where-wrong": ("portal/where.html", _asked(wrong, "Change the address")),
        "portal-where-store": (
            "portal/where.html",
            _asked(StoreForm(stores=STORES, initial=KEY), "Choose the store"),
        ),
        "portal-reward-sent": ("portal/reward.html", _offered("shipping", wrong)),
        "portal-reward-pickup": (
            "portal/reward.html",
            _offered("pickup", StoreForm(stores=STORES, initial=KEY)),
        ),
        "portal-card-delivery": ("portal/card.html", _home()),
    }


def _taken(view: DeliveryView) -> tuple[str, dict[str, Any]]:
    reached = [step.is_current for step in view.steps]
    state = ("open", "ready", "done")[reached.index(True)] if reached else view.state
    shown = replace(view, label=str(Status(state).label), state=state)
    is_over = view.state == "canceled"
    held = voucher(reward="Mug", delivery=shown, is_open=not is_over, last_day=None)
    return "portal/voucher.html", frame("Rewards", voucher=replace(held, state=view.state))


def _asked(form: AddressForm | StoreForm, ask: str) -> dict[str, Any]:
    taken = {"redemption": {"name": "Mug", "public_id": uuid4()}}
    return frame("Rewards", form=form, delivery={"ask": ask}, taken=taken)


def _offered(method: str, form: AddressForm | StoreForm) -> dict[str, Any]:
    mug = Reward(public_id=uuid4(), name="Mug", points=300, delivery=method)
    view = OfferView(Offer(mug, 0, is_sold_out=False, can_have=True), "k" * 32, 100)
    page = RewardPage(view, str(HOW[Reward.Delivery(method)]), [], [])
    return frame("Rewards", page=page, where=form, stores=[], csrf_token="c" * 64)


def _home() -> dict[str, Any]:
    matters = [
        Matter("truck", "Where shall we send it?", "Mug", "#main"),
        Matter("building-storefront", "Ready at High Street", "Tote bag", "#main"),
    ]
    return frame(card=card(), matters=matters, activities=[], has_more=False)


def _till(at_work: dict[str, Any], member: dict[str, Any], sale: dict[str, Any]) -> Pages:
    home, code = "till/home.html", "7K2M-9QXD-4TWH"
    here = [
        PickupRow(uuid4(), "Mug", "", code, "k"),
        PickupRow(uuid4(), "Tote bag from the small edition", "No. 4 of 50", code, "k"),
    ]
    rest = ["Beans, 250 g lies ready at Station.", "Cup is being packed, to be picked up here."]
    waits = member | {"pickups": Pickups(here, rest)}
    elsewhere = member | {"pickups": Pickups((), rest[:1])}
    offers = [_offer("Mug", "pickup"), _offer("Tote bag", "shipping")]
    taken = HandedOver("Mug", "", 300, code, 940, is_taken_back=False, goes=rest[0])
    return {
        "till-pickups": (home, at_work | sale | {"member": waits}),
        "till-pickups-elsewhere": (home, at_work | sale | {"member": elsewhere}),
        "till-offers-delivered": (home, at_work | sale | {"member": member | {"offers": offers}}),
        "till-taken-for-later": (
            home,
            at_work | {"member": member, "given": taken, "undo": {"url": "#", "key": "u"}},
        ),
    }


def _offer(name: str, method: str) -> OfferRow:
    stores = [(store.code, store.name) for store in STORES] if method == "pickup" else []
    known = OfferRow(uuid4(), name, "", 300, 0, 1240, uuid4().hex)
    return replace(known, delivery=method, stores=stores)


def _paper() -> Pages:
    label = Label("Bean & Leaf", LINES[0], LINES[1:], CODE, image(PLAIN), image(PLAIN))
    picks = [
        Pick(CODE, "Mug", "", "London, United Kingdom", ""),
        Pick(CODE, "Tote bag", "No. 4 of 50", "High Street", "Mina Kaplan"),
    ]
    listed = PickList("Bean & Leaf", timezone.now(), [("Mug", 1), ("Tote bag", 1)], picks)
    screen, back = "paper/parcels_screen.html", {"back_url": "#main"}
    return {
        "paper-labels": (screen, label_context(LABEL_SHEET, [label] * 3, first=2) | back),
        "paper-parcel": (screen, label_context(PARCEL, [label]) | back),
        "paper-picks": (screen, pick_context(listed) | back),
    }
