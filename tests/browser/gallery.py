"""Every page the shop's people see, with believable contents: what the design check looks at."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from allauth.mfa import app_settings as mfa_settings
from crispy_forms.bootstrap import PrependedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

CURRENCY = "GBP"
CODED = {"dir": "ltr", "autocomplete": "off"}


class Named(dict[str, Any]):
    """Something that shows itself by its name, as models do."""

    def __str__(self) -> str:
        return str(self["name"])


class PurchaseForm(forms.Form):
    """An amount and its receipt, with what the page carries along."""

    amount = forms.CharField(
        label=_("Amount"), widget=forms.TextInput({"inputmode": "decimal", "autofocus": True})
    )
    receipt = forms.CharField(label=_("Receipt number"), widget=forms.TextInput(CODED))
    member = forms.CharField(widget=forms.HiddenInput)
    request_key = forms.CharField(widget=forms.HiddenInput)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(PrependedText("amount", "£"), "receipt", "member", "request_key")
        return helper


class LineForm(forms.Form):
    """One line of a receipt."""

    use_required_attribute = False

    name = forms.CharField(label=_("Item"))
    quantity = forms.DecimalField(
        label=_("Quantity"), initial=1, widget=forms.TextInput({"inputmode": "decimal"})
    )
    amount = forms.DecimalField(label=_("Amount"), widget=forms.TextInput({"inputmode": "decimal"}))


LineFormSet = forms.formset_factory(LineForm, extra=2)


class EnrollForm(forms.Form):
    """A new member: the phone is known, the name may follow."""

    name = forms.CharField(label=_("Name, if they like"), required=False)
    phone = forms.CharField(widget=forms.HiddenInput)
    request_key = forms.CharField(widget=forms.HiddenInput)


class PinForm(forms.Form):
    """A name to touch and a PIN to type."""

    staff = forms.ChoiceField(
        label=_("Name"),
        choices=[("1", "Ada"), ("2", "Mohammad-Reza"), ("3", "Zoë"), ("4", "Þórdís")],
        widget=forms.RadioSelect,
    )
    pin = forms.CharField(
        label=_("PIN"),
        widget=forms.PasswordInput({"class": "pin", "inputmode": "numeric", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """Staff who come in with e-mail and password."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({"autofocus": True, "dir": "ltr"})
    )
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput({"dir": "ltr"}))


class PlaceForm(forms.Form):
    """Which register a device becomes."""

    place = forms.ChoiceField(
        label=_("This device is"),
        choices=[("1", "High Street, register 2"), ("2", "A new register in High Street")],
        widget=forms.RadioSelect,
    )


def member(**changes: Any) -> dict[str, Any]:
    """Return Mina, who has been here before."""
    now = timezone.now()
    return {
        "name": "Mina K.",
        "phone": "+44 •••• ••3456",
        "card": "•••• 0417",
        "balance": 1240,
        "pending": 80,
        "pending_until": now + timedelta(days=11),
        "debt": 0,
        "next_expiry": {"points": 120, "at": now + timedelta(days=40)},
        "visits": [
            visit(now - timedelta(days=2), "12.40", 12),
            visit(now - timedelta(days=5), "30.10", 60),
            visit(now - timedelta(days=19), "-4.75", -4),
        ],
    } | changes


def visit(at: datetime, amount: str, points: int) -> dict[str, Any]:
    """Return one line of the past."""
    return {"at": at, "title": "High Street", "amount": Decimal(amount), "points": points}


def choices() -> list[dict[str, str]]:
    """Return three members whose numbers end alike."""
    names = ["Mina K.", "", "Wilhelmina van den Bergh-Featherstonehaugh"]
    return [
        {"url": f"?member={n}", "name": name, "phone": "+44 •••• ••3456", "card": "•••• 0417"}
        for n, name in enumerate(names)
    ]


def purchase(**data: str) -> PurchaseForm:
    """Return the form as it first shows, or as it comes back with something wrong."""
    first = {"member": "m", "request_key": "k"}
    return PurchaseForm(first | data) if data else PurchaseForm(initial=first)


def answer(**changes: Any) -> dict[str, Any]:
    """Return what a purchase of £21.50 gave."""
    return {
        "points": 33,
        "amount": Decimal("21.50"),
        "receipt": "1001",
        "balance": 1273,
        "pending": 80,
        "pending_until": timezone.now() + timedelta(days=11),
        "reasons": [
            {"text": "1 point per £1", "detail": "Latte ×2, Croissant", "points": 21},
            {"text": "Double points on coffee", "detail": "Latte ×2", "points": 12},
        ],
        "not_applied": [{"text": "Early bird", "detail": "Mondays from 7 to 10 only"}],
        "undo_url": "/till/undo/",
        "undo_key": "u",
        "again_url": "?member=1",
    } | changes


def office(**changes: Any) -> dict[str, Any]:
    """Return the back-office of a shop in its first week."""
    now = timezone.now()
    rows = [("Mina K.", "21.50", 33), ("Guest", "7.20", None), ("Zoë B.", "-4.00", -4)]
    return {
        "organization": {"name": "Bean & Leaf", "slug": "bean-and-leaf"},
        "staff": {"name": "Ada"},
        "currency": CURRENCY,
        "navigation": [
            {"label": _("Home"), "url": "#main", "icon": "home", "current": True},
            {"label": _("Members"), "url": "#main", "icon": "users", "current": False},
        ],
        "till_url": "/till/",
        "figures": [
            {"label": "Purchases this week", "number": 1204},
            {"label": "Spent by members", "number": Decimal("18204.10"), "currency": CURRENCY},
            {"label": "Points given", "number": 19310, "hint": "2,120 still pending"},
        ],
        "todo": [{"text": "No register has been set up.", "url": "/till/", "action": "Set up"}],
        "programs": [
            {"name": "Leaves", "state": "active", "sentences": ["1 point per £1 on everything."]},
            {"name": "Staff", "state": "paused", "sentences": ["5 points per visit."]},
        ],
        "recent": [
            {
                "at": now - timedelta(hours=n),
                "title": who,
                "amount": Decimal(sum_),
                "points": points,
            }
            for n, (who, sum_, points) in enumerate(rows)
        ],
    } | changes


def stores() -> dict[str, Any]:
    """Return two stores, one of them with a register on a device."""
    high_street, station = Named(name="High Street", code="HS"), Named(name="Station", code="ST")
    register = Named(
        name="2",
        store=high_street,
        public_id=uuid4(),
        live_devices=[{"enrolled_at": timezone.now()}],
    )
    return {"stores": [high_street, station], "registers": [register], "may_manage": True}


TILL = {"organization": "Bean & Leaf", "store": "High Street", "register": "Register 2"}
AT_WORK = {"till": TILL | {"staff": "Ada"}, "currency": CURRENCY}
HERE = {"organization": "Bean & Leaf", "store": "High Street", "register": "Register 2"}
NOTICES = [
    Message(constants.SUCCESS, "Added Mina K."),
    Message(constants.ERROR, "This purchase can no longer be undone."),
]


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return each page by name: its template and what it shows."""
    known = AT_WORK | {"query": "07400 123456"}
    wrong = purchase(amount="12,5o", receipt="")
    wrong.add_error("amount", "Write an amount such as 12.50.")
    wrong.add_error(None, "Receipt 1001 was rung up already, at 14:05.")
    lines = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    lines |= {"form-0-name": "Latte", "form-0-quantity": "2", "form-0-amount": "6.80"}
    lines |= {"form-1-quantity": "1"}
    enroll = EnrollForm(initial={"phone": "+447400123456", "request_key": "k"})
    ringing = known | {"member": member(), "purchase": purchase(), "lines": LineFormSet()}
    pin = HERE | {"step": "pin", "form": PinForm(initial={"staff": "1"})}
    return {
        "till-start": ("till/home.html", AT_WORK),
        "till-refused": (
            "till/home.html",
            known | {"query": "12", "refusal": "Type the whole number or the last four digits."},
        ),
        "till-choices": ("till/home.html", known | {"query": "3456", "choices": choices()}),
        "till-enroll": (
            "till/home.html",
            known | {"enroll": {"phone": "+44 7400 123456", "form": enroll}},
        ),
        "till-member": ("till/home.html", ringing | {"quote_url": "/till/quote/"}),
        "till-newcomer": (
            "till/home.html",
            ringing
            | {
                "member": member(name="", balance=1, pending=0, debt=20, visits=[]),
                "messages": NOTICES,
            },
        ),
        "till-wrong": (
            "till/home.html",
            ringing | {"purchase": wrong, "lines": LineFormSet(lines)},
        ),
        "till-answer": (
            "till/home.html",
            AT_WORK | {"member": member(balance=1273), "answer": answer()},
        ),
        "till-nothing-earned": (
            "till/home.html",
            AT_WORK
            | {
                "member": member(),
                "answer": answer(points=0, reasons=[], pending=0, undo_url="", again_url=""),
            },
        ),
        "quote": ("till/quote.html", {"answer": answer()}),
        "sign-in-pin": ("till/sign_in.html", pin),
        "sign-in-pin-wrong": (
            "till/sign_in.html",
            pin | {"form": refused(PinForm({"staff": "1", "pin": "1"}), "pin")},
        ),
        "sign-in-password": (
            "till/sign_in.html",
            HERE | {"step": "password", "form": PasswordForm(), "pin_is_possible": True},
        ),
        "set-up": ("till/set_up.html", {}),
        "front": ("front.html", {}),
        "link": ("account/link.html", {"form": PasswordForm(), "person": {"email": "a@b.example"}}),
        "link-unusable": ("account/link_unusable.html", {}),
        "password-help": ("account/password_help.html", {}),
        "office-choose": ("office/choose.html", {"choices": [("Bean & Leaf", "#"), ("Oat", "#")]}),
        "office-enroll": ("office/enroll.html", office(form=PlaceForm())),
        "office-stores": ("office/stores.html", office(**stores())),
        "office-home": ("office/home.html", office()),
        "office-first-day": (
            "office/home.html",
            office(recent=[], figures=[], todo=[], messages=NOTICES),
        ),
        "staff-sign-in": (
            "account/login.html",
            {"form": PasswordForm(), "PASSKEY_LOGIN_ENABLED": mfa_settings.PASSKEY_LOGIN_ENABLED},
        ),
        "error-400": ("400.html", {}),
        "error-403": ("403.html", {}),
        "error-403-csrf": ("403_csrf.html", {}),
        "error-404": ("404.html", {"request_id": "01J8ZK7Q"}),
        "error-429": ("429.html", {"retry_after": 40}),
        "error-500": ("500.html", {}),
        "error-503": ("503.html", {}),
    }


def refused(form: forms.Form, field: str) -> forms.Form:
    """Return the form as a wrong secret leaves it."""
    form.add_error(field, "This PIN is not right. Try again.")
    return form


def surroundings(theme: str) -> dict[str, Any]:
    """Return what the context processors would add."""
    return {"theme": theme, "csrf_token": "c" * 64, "request": RequestFactory().get("/till/")}


def drawn(name: str, *, theme: str = "light", language: str = "en") -> str:
    """Return the HTML of a page."""
    with translation.override(language):
        template, context = pages()[name]
        return render_to_string(template, surroundings(theme) | context)
