"""Opens organizations that can earn points from their first receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core.models import Organization, Staff
from core.services.organizations import NewOrganization, open_organization
from core.services.sign_in import make_link
from loyalty.models import Program
from loyalty.services.programs import create_program


@dataclass(frozen=True, slots=True)
class Started:
    """An organization with its first program; ``link`` is the path by which its owner comes in.

    An owner who chose a password before, in another organization, needs no link.
    """

    organization: Organization
    program: Program
    owner: Staff
    link: str | None


@transaction.atomic
def start_organization(
    *, new: NewOrganization, stores: Sequence[tuple[str, str]], owner_email: str
) -> Started:
    """Open an organization with stores, owner and a live program, or leave nothing behind."""
    opened = open_organization(new=new, stores=stores, owner_email=owner_email)
    program = create_program(organization_id=opened.organization.pk)
    user = opened.owner.user
    comes_in = user is not None and user.has_usable_password()
    link = None if comes_in else make_link(staff_id=opened.owner.pk)
    return Started(opened.organization, program, opened.owner, link)
