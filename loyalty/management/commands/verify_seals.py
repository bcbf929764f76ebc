"""``manage.py verify_seals``: proves that sealed entries are as they were."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.invariants import Scope, Violation
from core.services.audit_ledger import violations
from loyalty.management.commands.audit_ledger import organization_id_of
from loyalty.services.seals import Sealed, hash_of, sealed_so_far


class Command(BaseCommand):
    """Hashes every sealed entry again; exits with 1 and names the first that differs."""

    help = "Check that no sealed entry was changed, removed or slipped in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an organization, or all, and a hash that was kept elsewhere."""
        parser.add_argument("slug", nargs="?", help="only this organization")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--kept", metavar="BLOCK:HASH", help="a seal of this organization, as it was told"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print how much holds, or what is broken first."""
        organization_id = organization_id_of(options["slug"])
        found = violations(Scope(organization=organization_id), only=["INV-14"])
        broken = [_as_data(row) for row in found]
        if options["kept"] is not None:
            broken += _other_than_kept(organization_id, options["kept"])
        self._tell(sealed_so_far(organization_id), broken, as_json=options["json"])
        if broken:
            sys.exit(1)

    def _tell(self, sealed: Sealed, broken: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            document = {
                "blocks": sealed.blocks,
                "entries": sealed.entries,
                "first_broken": broken[0] if broken else None,
                "broken": len(broken),
            }
            self.stdout.write(json.dumps(document, indent=2))
            return
        self.stdout.write(f"{sealed.blocks:,} blocks of {sealed.entries:,} entries checked")
        if broken:
            first = broken[0]
            self.stdout.write(f"first broken: {first['subject']} {first['detail']}")
            self.stdout.write(f"{len(broken):,} broken in all")


def _as_data(row: Violation) -> dict[str, Any]:
    return {
        "organization": row.organization_id,
        "subject": f"{row.subject}:{row.subject_id}",
        "detail": row.detail,
    }


def _other_than_kept(organization_id: int | None, kept: str) -> list[dict[str, Any]]:
    number, colon, told = kept.partition(":")
    if organization_id is None or not (colon and number.isdecimal()):
        raise CommandError("--kept: Name the organization, and BLOCK:HASH as it was told.")
    if hash_of(organization_id, int(number)) == told.strip().lower():
        return []
    detail = f"block {number} is not the one that was told"
    return [{"organization": organization_id, "subject": "loyalty.seal", "detail": detail}]
