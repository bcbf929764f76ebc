"""A shop with people and a past, and a browser that stands at its counter."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from core.models import Device, Register, Staff
from core.models.people import Role
from core.register_cookie import RegisterCookie, signed
from core.services.registers import enroll_device
from loyalty.earning.receipt import Line
from tests.shops import Shop, open_shop

PIN = "246813"
DOUBLE_ON_COFFEE = {
    "trigger": {"type": "purchase"},
    "conditions": [{"type": "category", "categories": ["Coffee"]}],
    "effect": {"type": "multiplier", "times": "2"},
}


def open_cafe() -> tuple[Shop, Device]:
    """Open a café with a register on a device, staff with PINs, and members with a past."""
    cache.clear()  # throttling of sign-in counts on across tests
    shop = open_shop("bean-and-leaf", name="Bean & Leaf")
    shop.store.name, shop.store.code = "High Street", "HS"
    shop.store.save()
    shop.rule.name = "Every purchase"
    shop.rule.save()
    double = shop.add_rule(DOUBLE_ON_COFFEE)
    double.name = "Double on coffee"
    double.save()
    for name in ("Ada", "Mohammad-Reza", "Zoë"):
        staff = Staff(
            organization=shop.organization, code=name.lower(), name=name, role=Role.CASHIER
        )
        staff.set_pin(PIN)
        staff.save()
    register = Register.objects.create(
        organization=shop.organization, store=shop.store, code="2", name="Register 2"
    )
    return shop, enroll_device(register_id=register.pk, staff_id=staff.pk)


def people_with_a_past(shop: Shop) -> None:
    """Let three members come back now and then; two of their numbers end alike."""
    mina = shop.member("+447400123456", name="Mina Kaplan")
    shop.member("+447911123456", name="Wilhelmina van den Bergh")
    shop.member("+447400654321", name="Þórdís Jónsdóttir")
    for days, amount in ((40, "640.00"), (19, "532.55"), (5, "30.10"), (2, "12.40")):
        at = timezone.now() - timedelta(days=days)
        shop.buys(mina, amount, at=at)
    shop.records(shop.draft(None, lines=(coffee(),)))


def coffee() -> Line:
    """Return a line that makes the product known."""
    return Line(
        number=1,
        sku="LATTE",
        name="Latte",
        category=("Coffee",),
        quantity=Decimal(1),
        amount=Decimal("3.40"),
    )


def stand_at(context: BrowserContext, device: Device, address: str) -> Page:
    """Return a page of a browser that is this device, at the till's door."""
    cookie = signed(RegisterCookie(device.public_id))
    context.add_cookies(
        [{"name": settings.REGISTER_COOKIE_NAME, "value": cookie, "url": f"{address}/"}]
    )
    page = context.new_page()
    page.goto(f"{address}/till/")
    return page


def sign_in(page: Page, name: str = "Ada", pin: str = PIN) -> None:
    """Start work as people do: touch the name, type the PIN, press Enter."""
    page.locator(".tile").get_by_text(name, exact=True).click()
    page.locator("#id_pin").fill(pin)
    page.keyboard.press("Enter")
    page.locator("#lookup").wait_for()
