"""An office for tests: somebody of the staff, signed in as people do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.test import Client

from core.models import Organization, Staff
from core.models.people import Role
from core.services.staff import NewStaff, add_staff

PASSWORD = "correct horse battery staple"


def hire(organization: Organization, role: Role = Role.OWNER, **details: Any) -> Staff:
    """Give somebody a role in the organization, with an address and a password."""
    email = details.pop("email", f"{role}-{uuid4().hex[:6]}@example.com")
    new = NewStaff(name=details.pop("name", role.title()), role=role, email=email, **details)
    staff = add_staff(organization_id=organization.pk, new=new)
    assert staff.user is not None
    staff.user.set_password(PASSWORD)
    staff.user.save(update_fields=["password"])
    return staff


def office_of(organization: Organization, role: Role = Role.OWNER, **details: Any) -> Client:
    """Return the browser of somebody in this role, signed in to the office."""
    cache.clear()  # throttling of sign-in counts on across tests
    staff = hire(organization, role, **details)
    assert staff.user is not None
    client = Client()
    client.post("/accounts/login/", {"login": staff.user.email, "password": PASSWORD})
    return client


def keyed(**fields: Any) -> dict[str, Any]:
    """Return what a form sends, under a key of its own."""
    return {"request_key": uuid4().hex, **fields}
