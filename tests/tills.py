"""A till for tests: a register on a device, and a browser at which somebody works."""

from __future__ import annotations

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
