"""``manage.py audit_ledger``: proves that every balance is explained."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Missing
from core.queries import organization_named
from core.services.audit_ledger import every_invariant, violations


class Command(BaseCommand):
    """Asks every invariant; exits with 1 and names the rows when one is broken."""

    help = "Check that points, lots, holds, awards and events agree."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an organization, or all; text or JSON."""
        parser.add_argument("slug", nargs="?", help="only this organization")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what was found."""
        found = violations(self._organization_id(options["slug"]))
        rows = [asdict(row) for row in found]
        if options["json"]:
            checked = [invariant.name for invariant in every_invariant()]
            self.stdout.write(json.dumps({"checked": checked, "violations": rows}, indent=2))
        else:
            for row in found:
                self.stdout.write(f"{row.invariant} {row.subject}:{row.subject_id} {row.detail}")
            self.stdout.write(f"{len(every_invariant())} promises checked, {len(found)} broken")
        if found:
            sys.exit(1)

    def _organization_id(self, slug: str | None) -> int | None:
        if slug is None:
            return None
        try:
            return organization_named(slug).pk
        except Missing as missing:
            raise CommandError(f"There is no organization {slug!r}.") from missing
