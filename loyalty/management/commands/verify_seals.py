"""``manage.py verify_seals``: proves that sealed entries are as they were."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.invariants import Scope, Violation
from core.services.audit_ledger import violations
from loyalty.management.commands.audit_ledger import organization_id_of
from loyalty.services.seal_copies import differences
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
        parser.add_argument(
            "--copy",
            metavar="FILE",
            nargs="?",
            const=settings.SEALS_COPY,
            help="compare with the copy of all seals, by default the one of SEALS_COPY",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print how much holds, or what is broken first."""
        organization_id = organization_id_of(options["slug"])
        found = violations(Scope(organization=organization_id), only=["INV-14"])
        broken = [_as_data(row) for row in found]
        if options["kept"] is not None:
            broken += _other_than_kept(organization_id, options["kept"])
        compared = None
        if options["copy"] is not None:
            compared, different = _compared(options["copy"], organization_id)
            broken += different
        self._tell(sealed_so_far(organization_id), compared, broken, as_json=options["json"])
        if broken:
            sys.exit(1)

    def _tell(
        self,
        sealed: Sealed,
        compared: int | None,
        broken: list[dict[str, Any]],
        *,
        as_json: bool,
    ) -> None:
        if as_json:
            document = {
                "blocks": sealed.blocks,
                "entries": sealed.entries,
                "compared_with_copy": compared,
                "first_broken": broken[0] if broken else None,
                "broken": len(broken),
            }
            self.stdout.write(json.dumps(document, indent=2))
            return
        self.stdout.write(f"{sealed.blocks:,} blocks of {sealed.entries:,} entries checked")
        if compared is not None:
            self.stdout.write(f"{compared:,} blocks compared with the copy")
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


def _compared(path: str, organization_id: int | None) -> tuple[int, list[dict[str, Any]]]:
    try:
        return differences(Path(path), organization_id)
    except OSError as fault:
        raise CommandError(f"{path} cannot be read ({fault.strerror}).") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise CommandError(f"{path} is not a copy of seals.") from fault


def _other_than_kept(organization_id: int | None, kept: str) -> list[dict[str, Any]]:
    number, colon, told = kept.partition(":")
    if organization_id is None or not (colon and number.isdecimal()):
        raise CommandError("--kept: Name the organization, and BLOCK:HASH as it was told.")
    if hash_of(organization_id, int(number)) == told.strip().lower():
        return []
    detail = f"block {number} is not the one that was told"
    return [{"organization": organization_id, "subject": "loyalty.seal", "detail": detail}]
