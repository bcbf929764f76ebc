"""`manage.py create_api_key`: let a shop system in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from core.models.access import Scope
from core.queries import organization_named
from core.services.api_keys import NewIntegration, open_integration


class Command(BaseCommand):
    """Make an integration and print its key, which is shown this once and kept nowhere."""

    help = "Make an integration and print its key, once, alone on the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whom the key is for and what it may do."""
        parser.add_argument("slug", help="short name of the organization")
        parser.add_argument("--name", required=True, help="name of the shop system")
        parser.add_argument(
            "--scopes",
            required=True,
            help=f"all, or some of these, separated by commas: {', '.join(sorted(Scope.values))}",
        )
        parser.add_argument("--store", default="", help="code of the only store it works for")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the key; a refusal says what to change."""
        scopes = tuple(scope.strip() for scope in options["scopes"].split(","))
        new = NewIntegration(name=options["name"], scopes=scopes, store=options["store"])
        try:
            organization = organization_named(options["slug"])
            issued = open_integration(organization_id=organization.pk, new=new)
        except Refusal as refusal:
            known = ", ".join(refusal.data.get("known", []))
            where = refusal.field or "organization"
            raise CommandError(f"{where}: {refusal} {known}".strip()) from refusal
        self.stdout.write(f"{issued.key.integration.name} may enter. Its key, shown only now:")
        self.stdout.write(issued.secret)
