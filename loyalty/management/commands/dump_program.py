"""`manage.py dump_program`: the whole configuration of a program as one JSON document."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from core.queries import organization_named
from loyalty.services.programs import dump_program


class Command(BaseCommand):
    """Write a program down; docs/program-file.md describes the document."""

    help = "Print a program as JSON, ready for load_program here or elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which program."""
        parser.add_argument("slug", help="the organization's short name")
        parser.add_argument("--program", help="the program's short name; default: the oldest")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the document and nothing else."""
        try:
            organization = organization_named(options["slug"])
            document = dump_program(organization_id=organization.pk, slug=options["program"])
        except Refusal as refusal:
            missing = "program" if refusal.field == "program" else "organization"
            raise CommandError(f"There is no such {missing}.") from refusal
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
