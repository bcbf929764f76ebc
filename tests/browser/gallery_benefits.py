"""Benefits as the office, cashiers and members see them, with believable contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from loyalty.forms.rules import Known
from rewards.benefit_forms import BasketForm, BenefitForm
from rewards.benefit_page import BenefitRow, VersionRow, steps_of_benefit
from rewards.discount_rows import DiscountRow
from rewards.models import Benefit
from rewards.services.benefit_reading import Taken
from rewards.till_page import LineRow, ReasonRow, Slip
from tests.browser.gallery_portal import frame

Pages = dict[str, tuple[str, dict[str, Any]]]
STORES = (("main", "High Street"), ("harbor", "Harbor"))
SCALE = "5% off from £100 spent this year, 7% off from £300, 10% off from £1,000"
MONDAY = "10% off on Coffee, Mondays to Thursdays 7:00–10:00"


def _row(name: str, words: str, state: str, label: str, count: int, amount: str) -> BenefitRow:
    return BenefitRow(uuid4(), name, words, state, label, Taken(count, Decimal(amount)))


def _rows() -> list[BenefitRow]:
    return [
        _row("The more you come", SCALE, "active", "Active", 412, "318.40"),
        _row("Early bird coffee for everybody who is up", MONDAY, "paused", "Paused", 0, "0"),
        _row(
            "Free delivery", "free shipping, on purchases of £40 or more", "draft", "Draft", 0, "0"
        ),
    ]


def _versions() -> list[VersionRow]:
    now = timezone.now()
    return [
        VersionRow(2, SCALE, now - timedelta(days=9), "active", "Counts now"),
        VersionRow(1, "5% off", now - timedelta(days=99), "over", "Over"),
    ]


def _form(data: Any = None) -> BenefitForm:
    spec = {
        "effect": {"type": "percent_off", "percent": "10"},
        "conditions": [{"type": "weekdays_and_hours", "weekdays": ["monday"]}],
        "audience": "members",
    }
    known = Known(stores=STORES, tiers=(("gold", "Gold"),), categories=(("Coffee", "Coffee"),))
    form = BenefitForm(data, known=known, spec=spec, initial={"request_key": "k", "name": "Early"})
    if data is not None:
        form.is_valid()
        form.add_error("percent", "This must be at most 100.")
    return form


def benefit_pages(office: Callable[..., dict[str, Any]], at_work: dict[str, Any]) -> Pages:
    """Return the pages of benefits by name; ``office`` adds what every page of the office has."""
    benefit = Benefit(name="The more you come", status=Benefit.Status.ACTIVE)
    tried = [DiscountRow("Early bird", "10% off", given="-£0.76")]
    faulty = _form({"effect": "percent_off", "percent": "120", "name": "Early"})
    edit: dict[str, Any] = {
        "program": SimpleNamespace(slug="club"),
        "benefit": None,
        "basket": BasketForm(stores=STORES, now=timezone.now()),
        "is_dated": False,
    }
    listed = {"currency": "GBP", "may_manage": True}
    shown = {
        "benefit": benefit,
        "sentence": SCALE,
        "taken": Taken(412, Decimal("318.40")),
        "currency": "GBP",
        "versions": _versions(),
        "steps": steps_of_benefit(benefit, "bean-and-leaf"),
        "may_edit": True,
        "request_key": "k",
    }
    told = [("Club price", "10% off on Coffee"), ("The more you come", SCALE)]
    return {
        "benefits": ("office/benefits/list.html", office(rows=_rows(), **listed)),
        "benefits-none": ("office/benefits/list.html", office(rows=[], **listed)),
        "benefit": ("office/benefits/benefit.html", office(**shown)),
        "benefit-new": (
            "office/benefits/edit.html",
            office(form=_form(), sentence=MONDAY, tried=tried, **edit),
        ),
        "benefit-faulty": (
            "office/benefits/edit.html",
            office(form=faulty, sentence="", tried=[], **edit),
        ),
        "portal-benefits": (
            "portal/tiers.html",
            frame(box=None, tiers=[], words=[], benefits=told),
        ),
        "till-discounts": ("till/home.html", at_work | {"answer": _slip(), "currency": "GBP"}),
    }


def _slip() -> Slip:
    """Return what a purchase came to after a benefit and a voucher."""
    return Slip(
        amount=Decimal("13.00"),
        points=13,
        reasons=[ReasonRow("Points", "1 point per £1 on £13.00", 13)],
        receipt="1001",
        lines=[LineRow("Beans", Decimal("13.00"), 13)],
        balance=113,
        due=Decimal("13.00"),
        discounts=[
            DiscountRow("Club price", "10% off", given="-£2.00"),
            DiscountRow("Five off", "£5 off", given="-£5.00"),
        ],
        before=Decimal("20.00"),
    )
