"""``manage.py audit_program``: proves that tiers, stamps and challenges are what happened."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.actors import SYSTEM
from core.services.nights import every_organization
from loyalty.management.commands.audit_ledger import organization_id_of
from loyalty.services.program_audits import AUDITS

ROWS_MAX = 100


class Command(BaseCommand):
    """Tells every history again, compares, and exits with 1 where anything differs."""

    help = "Check that tiers, stamp cards and challenges are what members did."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an organization, or all; text or JSON; only look, or mend."""
        parser.add_argument("slug", nargs="?", help="only this organization")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--rebuild", action="store_true", help="make what differs anew, then look again"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what was found."""
        organizations = _organizations(options["slug"])
        rebuilt = _rebuild(organizations) if options["rebuild"] else {}
        found = {part.name: _found(part.disagreements, organizations) for part in AUDITS}
        if options["json"]:
            self.stdout.write(json.dumps({"rebuilt": rebuilt, "disagreements": found}, indent=2))
        else:
            self._print_text(found, rebuilt)
        if any(found.values()):
            sys.exit(1)

    def _print_text(self, found: dict[str, list[Any]], rebuilt: dict[str, int]) -> None:
        for name, count in rebuilt.items():
            self.stdout.write(f"{name}: {count} made anew")
        for name, rows in found.items():
            for row in rows[:ROWS_MAX]:
                told = ", ".join(f"{key} {value}" for key, value in row.items())
                self.stdout.write(f"{name}: {told}")
            if len(rows) > ROWS_MAX:
                self.stdout.write(f"{name}: and {len(rows) - ROWS_MAX:,} more rows")
            self.stdout.write(f"{name}: {len(rows)} rows differ")


def _organizations(slug: str | None) -> list[int]:
    known = organization_id_of(slug)
    return every_organization() if known is None else [known]


def _rebuild(organizations: list[int]) -> dict[str, int]:
    return {
        part.name: sum(part.rebuild(pk, actor=SYSTEM) for pk in organizations) for part in AUDITS
    }


def _found(ask: Any, organizations: list[int]) -> list[dict[str, Any]]:
    return [_plain(asdict(row)) for pk in organizations for row in ask(pk)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, int) else str(value) for key, value in row.items()}
