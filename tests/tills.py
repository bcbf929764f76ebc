"""A till for tests: a register on a device, and a browser at which somebody works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from core.models import Register, RegisterSession, Staff
from core.models.people import Role
from core.register_cookie import RegisterCookie, signed
from core.services.registers import enroll_device
from core.services.sign_in import start_session
from loyalty.models import Purchase
from members.models import Member
from tests.shops import Shop

NO_LINES = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}


@dataclass
class Till:
    """One register, the staff member at work there, and their browser."""

    shop: Shop
    register: Register
    staff: Staff
    session: RegisterSession
    client: Client

    def find(self, text: str) -> HttpResponse:
        """Look somebody up, and follow where it leads."""
        return self.client.get("/till/", {"q": text}, follow=True)

    def rings_up(self, member: Member | None = None, **typed: Any) -> HttpResponse:
        """Send the ring-up form with what was typed into it."""
        return self.client.post("/till/purchases/", self.filled_in(member, **typed))

    def another_click(self, sent: dict[str, Any]) -> HttpResponse:
        """Send the same form from the same browser, without waiting for the first answer."""
        twin = Client()
        twin.cookies = self.client.cookies
        return twin.post("/till/purchases/", sent)

    def filled_in(self, member: Member | None = None, **typed: Any) -> dict[str, Any]:
        """Return what the ring-up form sends."""
        first = {"member": member.public_id if member else "", "request_key": uuid4().hex}
        return {**NO_LINES, **first, "amount": "12.50", "receipt": "1001", **typed}


def open_till(shop: Shop, *, name: str = "Ada") -> Till:
    """Enroll a register of the shop and put somebody to work there."""
    cache.clear()  # throttling of sign-in counts on across tests
    code = f"{name.lower()}-{uuid4().hex[:6]}"
    staff = Staff.objects.create(
        organization=shop.organization, code=code, name=name, role=Role.CASHIER
    )
    register = Register.objects.create(
        organization=shop.organization, store=shop.store, code=str(shop.store.registers.count() + 1)
    )
    device = enroll_device(register_id=register.pk, staff_id=staff.pk)
    session = start_session(device_id=device.pk, staff_id=staff.pk)
    client = Client()
    cookie = signed(RegisterCookie(device.public_id, session.public_id))
    client.cookies[settings.REGISTER_COOKIE_NAME] = cookie
    return Till(shop, register, staff, session, client)


def lines_of(*lines: tuple[str, str, str]) -> dict[str, str]:
    """Return the fields of receipt lines: item, quantity, price each."""
    sent = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for number, (item, quantity, price) in enumerate(lines):
        sent[f"lines-{number}-item"] = item
        sent[f"lines-{number}-quantity"] = quantity
        sent[f"lines-{number}-price"] = price
    return sent


def shown(till: Till, answer: HttpResponse) -> HttpResponse:
    """Return the receipt that an answer leads to."""
    assert answer.status_code == 303
    return till.client.get(answer.url)


def text_of(page: HttpResponse) -> str:
    """Return what a page says, without its markup."""
    said = re.sub(r"<template>.*?</template>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(said.split())


def errors_on(page: HttpResponse) -> dict[str, list[str]]:
    """Return what the ring-up form says is wrong, field by field."""
    form = page.context["purchase"]
    return {field: list(map(str, said)) for field, said in form.errors.items()}


def key_on(page: HttpResponse) -> str:
    """Return the key under which the ring-up form would be sent."""
    return page.context["purchase"]["request_key"].value()


def recorded() -> list[tuple[str, str]]:
    """Return what is on record: receipt and amount."""
    kept = Purchase.objects.order_by("pk").values_list("external_id", "total")
    return [(number.rpartition("/")[2], f"{total:.2f}") for number, total in kept]
