"""Every page the shop's people see, with believable contents: what the design check looks at."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from allauth.mfa import app_settings as mfa_settings
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core.forms import PinForm
from core.models import Staff
from core.views.components import drawn as drawn_components
from members.forms import EnrollForm
from rewards.forms import Sale
from tests.browser.gallery_activities import activity_pages
from tests.browser.gallery_benefits import benefit_pages
from tests.browser.gallery_by_hand import by_hand_pages, till_claim_pages
from tests.browser.gallery_catalog import (
    office_catalog_pages,
    portal_catalog_pages,
    till_catalog_pages,
)
from tests.browser.gallery_challenges import challenge_pages, open_ones
from tests.browser.gallery_draws import draw_pages
from tests.browser.gallery_gift_cards import gift_card_pages
from tests.browser.gallery_groups import group_pages
from tests.browser.gallery_guide import guide_pages
from tests.browser.gallery_home import home_contexts
from tests.browser.gallery_office import back_office_pages
from tests.browser.gallery_points import till_point_pages
from tests.browser.gallery_portal import frame, portal_pages, voucher
from tests.browser.gallery_program import program_and_import_pages
from tests.browser.gallery_proofs import till_proof_pages
from tests.browser.gallery_rewards import office_reward_pages, till_reward_pages
from tests.browser.gallery_stamps import stamp_pages, strips
from tests.browser.gallery_starting import starting_pages
from tests.browser.gallery_tiers import tier_pages
from tests.browser.gallery_together import share, together_pages
from tests.browser.gallery_vouchers import voucher_pages

CURRENCY = "GBP"
CASHIERS = [Staff(code=name, name=name) for name in ("Ada", "Mohammad-Reza", "Zoë", "Þórdís")]


class Named(dict[str, Any]):
    """Something that shows itself by its name, as models do."""

    def __str__(self) -> str:
        return str(self["name"])


class PasswordForm(forms.Form):
    """Staff who come in with e-mail and password."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({"autofocus": True, "dir": "ltr"})
    )
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput({"dir": "ltr"}))


class CodeForm(forms.Form):
    """Six digits from another device."""

    secret = "ABCD EFGH IJKL MNOP"
    code = forms.CharField(label=_("Code"), widget=forms.TextInput({"inputmode": "numeric"}))


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
        "coming": {"points": 80, "at": now + timedelta(days=11)},
        "debt": 0,
        "next_expiry": {"points": 120, "at": now + timedelta(days=40)},
        "visits": [
            visit(now - timedelta(days=2), "12.40", 12),
            visit(now - timedelta(days=5), "30.10", 60),
            visit(now - timedelta(days=19), "-4.75", -4),
        ],
        "stamps": strips()[:3],
        "near": "One step more completes “Five visits in a month”",
        "open_challenges": open_ones(),
        "public_id": uuid4(),
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


def sale(**typed: str) -> dict[str, Any]:
    """Return the panel to ring up in, before anything is typed or with what was sent."""
    panel = Sale.blank(CURRENCY)
    if typed:
        lines = {"lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0", "lines-0-item": "Latte"}
        lines |= {"lines-0-quantity": "2", "lines-0-price": "3.40", "lines-1-quantity": "1"}
        panel = Sale.sent(QueryDict(urlencode(lines | typed | {"request_key": "k"})), CURRENCY)
        panel.is_valid()
    panel.take_focus()
    return {"purchase": panel.purchase, "lines": panel.lines, "quote_url": "/till/quote/"}


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
        "lines": [
            {"title": "Latte × 2", "amount": Decimal("6.80"), "points": 24},
            {"title": "Beans", "amount": Decimal("14.70"), "points": 9},
        ],
        "not_applied": [{"text": "Early bird", "detail": "Mondays from 7 to 10 only"}],
    } | changes


def office(**changes: Any) -> dict[str, Any]:
    """Return what surrounds every page of the back-office."""
    return {
        "organization": {"name": "Bean & Leaf", "slug": "bean-and-leaf"},
        "staff": {"name": "Ada"},
        "navigation": [
            {"label": _("Home"), "url": "#main", "icon": "home", "current": True},
            {"label": _("Members"), "url": "#main", "icon": "users", "current": False},
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


QR_CODE = "data:image/svg+xml;utf8," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h3v3h-3z"/></svg>'
)
TILL = {"organization": "Bean & Leaf", "store": "High Street", "register": "Register 2"}
AT_WORK = {"till": TILL | {"staff": "Ada"}, "currency": CURRENCY}
HERE = {"organization": "Bean & Leaf", "store": "High Street", "register": "Register 2"}
NOTICES = [
    Message(constants.SUCCESS, "Added Mina K."),
    Message(constants.ERROR, "This purchase can no longer be undone."),
]


def till_pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the till's main screen in each of its states."""
    home = "till/home.html"
    known = AT_WORK | {"member": member(), "query": "07400 123456"}
    enroll = EnrollForm(initial={"phone": "+447400123456", "request_key": "k"})
    wrong = sale(amount="12,5o", receipt="")
    wrong["purchase"].add_error(None, "Receipt 1001 was rung up already, at 14:05.")
    newcomer = member(name="", balance=1, pending=0, debt=20, visits=[])
    given = known | {"answer": answer(), "undo": {"url": "/till/undo/", "key": "u"}}
    taken_back = {"amount": Decimal("21.50"), "points": -33, "is_all": True}
    nothing = answer(points=0, reasons=[], lines=[], pending=0)
    guest = AT_WORK | {"is_guest": True}
    return {
        "till-start": (home, AT_WORK),
        "till-refused": (
            home,
            AT_WORK | {"query": "12", "refusal": "Type the whole number or the last four digits."},
        ),
        "till-choices": (home, AT_WORK | {"query": "3456", "choices": choices()}),
        "till-enroll": (
            home,
            AT_WORK | {"enroll": {"phone": "+44 7400 123456", "form": enroll}},
        ),
        "till-member": (home, known | sale()),
        "till-household": (home, known | sale() | {"member": member(share=share())}),
        "till-blocked": (home, known),
        "till-newcomer": (home, known | sale() | {"member": newcomer, "messages": NOTICES}),
        "till-wrong": (home, known | wrong),
        "till-answer": (home, given | {"member": member(balance=1273), "again_url": "?member=1"}),
        "till-undone": (home, known | {"answer": answer(points=0, taken_back=taken_back)}),
        "till-nothing-earned": (home, known | {"answer": nothing}),
        "till-guest": (home, guest | sale()),
        "till-guest-answer": (home, guest | {"answer": nothing | {"balance": None}}),
        "quote": ("till/quote.html", {"answer": answer(), "currency": CURRENCY}),
    }


def ways_in() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the pages of those who are not yet in."""
    pin = HERE | {"step": "pin", "form": PinForm(initial={"staff": "Ada"}, staff=CASHIERS)}
    tried = PinForm({"staff": "Ada", "pin": "1"}, staff=CASHIERS)
    password = {"form": PasswordForm(), "person": {"email": "ada@bean.example"}}
    return {
        "front": ("front.html", {}),
        "set-up": ("till/set_up.html", {}),
        "sign-in-pin": ("till/sign_in.html", pin),
        "sign-in-pin-wrong": ("till/sign_in.html", pin | {"form": tried}),
        "sign-in-password": (
            "till/sign_in.html",
            HERE | password | {"step": "password", "pin_is_possible": True},
        ),
        "staff-sign-in": (
            "account/login.html",
            password | {"PASSKEY_LOGIN_ENABLED": mfa_settings.PASSKEY_LOGIN_ENABLED},
        ),
        "link": ("account/link.html", password),
        "link-unusable": ("account/link_unusable.html", {}),
        "password-help": ("account/password_help.html", {}),
        "second-factor": (
            "mfa/totp/activate_form.html",
            {"form": CodeForm(), "totp_svg_data_uri": QR_CODE},
        ),
        "second-factor-asked": (
            "mfa/authenticate.html",
            {"form": CodeForm(), "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"]},
        ),
        "security": (
            "mfa/index.html",
            {"MFA_SUPPORTED_TYPES": ["totp", "webauthn"], "authenticators": {"totp": True}},
        ),
    }


def office_pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the back-office."""
    return {
        "office-choose": ("office/choose.html", {"choices": [("Bean & Leaf", "#"), ("Oat", "#")]}),
        "office-stores": ("office/stores.html", office(**stores())),
        "office-changed": ("office/stores.html", office(**stores(), messages=NOTICES)),
        "office-components": ("office/components.html", {"components": drawn_components("k")}),
        "office-enroll": ("office/enroll.html", office(form=PlaceForm())),
    } | {name: ("office/home.html", office(**shown)) for name, shown in home_contexts().items()}


def error_pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what people see when a page cannot be shown."""
    pages = {name: (f"{name}.html", {}) for name in ("400", "403", "403_csrf", "500", "503")}
    return pages | {
        "404": ("404.html", {"request_id": "01J8ZK7Q"}),
        "429": ("429.html", {"retry_after": 40}),
    }


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return each page by name: its template and what it shows."""
    backs = office_pages() | back_office_pages(office) | office_reward_pages(office)
    backs |= program_and_import_pages() | together_pages(office)
    tills = till_pages() | till_reward_pages(AT_WORK, member(), sale())
    tills |= till_point_pages(AT_WORK, member(), answer())
    backs |= by_hand_pages(office) | guide_pages(office()) | starting_pages(office())
    tills |= till_claim_pages(AT_WORK, member()) | till_proof_pages(AT_WORK, member())
    backs |= group_pages(office) | gift_card_pages(office, AT_WORK)
    backs |= office_catalog_pages(office)
    tills |= till_catalog_pages(AT_WORK, member(), sale())
    backs |= portal_catalog_pages(frame, voucher)
    backs |= stamp_pages(office) | activity_pages(office) | challenge_pages(office)
    backs |= benefit_pages(office, AT_WORK)
    backs |= draw_pages(office)
    backs |= tier_pages(office, AT_WORK, sale() | {"member": member(), "query": "3456"})
    backs |= voucher_pages(office, AT_WORK)
    return tills | ways_in() | backs | portal_pages() | error_pages()


def surroundings(theme: str) -> dict[str, Any]:
    """Return what the context processors would add."""
    return {"theme": theme, "csrf_token": "c" * 64, "request": RequestFactory().get("/till/")}


def drawn(name: str, *, theme: str = "light", language: str = "en") -> str:
    """Return the HTML of a page."""
    with translation.override(language):
        template, context = pages()[name]
        return render_to_string(template, surroundings(theme) | context)
