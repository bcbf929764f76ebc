"""`manage.py create_sign_in_link`: the way back in for who lost their password."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.addresses import public_url
from core.errors import Refusal
from core.queries import organization_named, staff_of
from core.services.sign_in import make_link


class Command(BaseCommand):
    """Make a one-time sign-in link for a staff member."""

    help = "Print a link that lets a staff member choose a password; works once within an hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare for whom."""
        parser.add_argument("slug", help="the organization's short name")
        parser.add_argument("email", help="the staff member's e-mail address")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the link, alone on the last line."""
        try:
            organization = organization_named(options["slug"])
        except Refusal as refusal:
            raise CommandError(f"organization: {refusal}") from refusal
        staff = staff_of(organization).filter(user__email__iexact=options["email"]).first()
        if staff is None:
            raise CommandError("email: nobody here has this address")
        self.stdout.write(f"Sign-in link for {staff.name}, works once within an hour:")
        self.stdout.write(public_url(make_link(staff_id=staff.pk)))
