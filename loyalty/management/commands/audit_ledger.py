"""``manage.py audit_ledger``: proves that every balance is explained."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from core.errors import Missing
from core.invariants import Scope, Violation
from core.queries import organization_named
from core.services.audit_ledger import every_invariant, violations
from loyalty.models import Account
from loyalty.services.reviews import quarantine, scope_since

ROWS_MAX = 100


class Command(BaseCommand):
    """Asks every invariant, stops spending where one is broken, and exits with 1."""

    help = "Check that points, lots, holds, awards, seals and events agree."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an organization, or all; text or JSON."""
        parser.add_argument("slug", nargs="?", help="only this organization")
        parser.add_argument(
            "--since", metavar="DATE", help="only accounts touched, and blocks sealed, since then"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--no-quarantine",
            action="store_true",
            help="only look; otherwise nothing is spent from an account that is named",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what was found."""
        found = violations(scope_of(options["slug"], options["since"]))
        marked = [] if options["no_quarantine"] else quarantine(found)
        if options["json"]:
            self._print_json(found, marked)
        else:
            self._print_text(found, marked)
        if found:
            sys.exit(1)

    def _print_json(self, found: list[Violation], marked: list[Account]) -> None:
        document = {
            "checked": [invariant.name for invariant in every_invariant()],
            "violations": [asdict(row) for row in found],
            "put_under_review": [account.pk for account in marked],
        }
        self.stdout.write(json.dumps(document, indent=2))

    def _print_text(self, found: list[Violation], marked: list[Account]) -> None:
        for invariant in every_invariant():
            rows = [row for row in found if row.invariant == invariant.name]
            for row in rows[:ROWS_MAX]:
                self.stdout.write(f"{row.invariant} {row.subject}:{row.subject_id} {row.detail}")
            if len(rows) > ROWS_MAX:
                self.stdout.write(f"{invariant.name} and {len(rows) - ROWS_MAX:,} more rows")
        for account in marked:
            self.stdout.write(f"account {account.pk} is under review: nothing is spent from it")
        self.stdout.write(f"{len(every_invariant())} promises checked, {len(found)} broken")


def scope_of(slug: str | None, since: str | None) -> Scope:
    """Return what is to be looked at, as the command line names it."""
    return scope_since(organization_id_of(slug), None if since is None else _moment(since))


def organization_id_of(slug: str | None) -> int | None:
    """Return the id of the organization named, or nothing for all."""
    if slug is None:
        return None
    try:
        return organization_named(slug).pk
    except Missing as missing:
        raise CommandError(f"There is no organization {slug!r}.") from missing


def _moment(text: str) -> datetime:
    """Read a day, which begins at midnight UTC, or an instant."""
    try:
        found = parse_datetime(text) or parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--since: {text!r} is no date such as 2026-07-01.")
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    assert isinstance(found, date), "parsing gives a day or an instant"
    return datetime(found.year, found.month, found.day, tzinfo=UTC)
