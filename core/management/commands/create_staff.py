"""`manage.py create_staff`: somebody new in an organization."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.addresses import public_url
from core.errors import Refusal
from core.models import Staff
from core.models.people import Role
from core.queries import organization_named
from core.services.sign_in import make_link
from core.services.staff import NewStaff, add_staff, random_pin


class Command(BaseCommand):
    """Take somebody on, and say once how they come in."""

    help = "Add a staff member; prints a PIN and a one-time sign-in link, each shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who and where."""
        parser.add_argument("slug", help="the organization's short name")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--code", default="", help="default: the next number")
        parser.add_argument("--email", default="", help="needed for all but cashiers")
        parser.add_argument("--pin", help="six digits; default for a cashier: made at random")
        parser.add_argument(
            "--store",
            action="append",
            default=[],
            metavar="CODE",
            help="works at this store only; may be repeated",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add them and print what they need."""
        pin = options["pin"] or (random_pin() if options["role"] == Role.CASHIER else "")
        try:
            organization = organization_named(options["slug"])
            staff = add_staff(
                organization_id=organization.pk,
                new=NewStaff(
                    name=options["name"],
                    role=options["role"],
                    code=options["code"],
                    email=options["email"],
                    pin=pin,
                    stores=tuple(options["store"]),
                ),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.field or 'organization'}: {refusal}") from refusal
        self.stdout.write(f"{staff.name} is {staff.get_role_display()}, code {staff.code}")
        if pin:
            self.stdout.write(f"PIN, shown once: {pin}")
        self._invite(staff)

    def _invite(self, staff: Staff) -> None:
        """Print a link for who can sign in to the office and has no password yet."""
        if staff.user and not staff.user.has_usable_password():
            self.stdout.write("Sign-in link, works once within an hour:")
            self.stdout.write(public_url(make_link(staff_id=staff.pk)))
