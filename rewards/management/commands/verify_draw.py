"""``manage.py verify_draw``: works a prize draw out again, from its published document alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Missing
from core.queries import organization_named
from rewards.drawing.proof import differences
from rewards.services.draw_reading import document_of, draws_of


class Command(BaseCommand):
    """Compares what was drawn with what follows from seed, list and public text; exits with 1."""

    help = "Check a prize draw: from the file that was downloaded, or one of this installation."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file, or an organization and the code of one of its draws."""
        parser.add_argument("file", nargs="?", help="the document as it was downloaded")
        parser.add_argument("--organization", metavar="SLUG", help="read it from the database")
        parser.add_argument("--draw", metavar="CODE", help="the code of the draw there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what does not follow, or that everything does."""
        found = differences(_document(options["file"], options["organization"], options["draw"]))
        for difference in found:
            self.stdout.write(difference)
        if found:
            sys.exit(1)
        self.stdout.write("This draw is in order.")


def _document(file: str | None, slug: str | None, code: str | None) -> object:
    if file is not None and slug is None and code is None:
        return _from_file(Path(file))
    if file is None and slug is not None and code is not None:
        return _from_database(slug, code)
    raise CommandError("Name a file, or --organization and --draw.")


def _from_file(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise CommandError(f"{path} cannot be read: {fault}.") from fault


def _from_database(slug: str, code: str) -> object:
    try:
        organization = organization_named(slug)
    except Missing:
        raise CommandError(f"There is no organization {slug!r}.") from None
    found = draws_of(organization).filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no draw {code!r}.")
    return document_of(found)
