"""``manage.py release_account``: an account that was under review is spent from again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Refusal
from loyalty.services.reviews import release_account


class Command(BaseCommand):
    """Ends a review, once the account's figures agree."""

    help = "Let an account be spent from again; refused while its figures do not agree."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account as the audit names it, and why it is in order."""
        parser.add_argument("account", type=int, help="its id, as audit_ledger prints it")
        parser.add_argument("--reason", required=True, help="kept in the log")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Release it, or say what is still wrong."""
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("--reason: Say why.")
        try:
            account = release_account(account_id=options["account"], reason=reason[:200])
        except Refusal as refusal:
            raise CommandError(explained(refusal)) from refusal
        self.stdout.write(f"account {account.pk} is released")


def explained(refusal: Refusal) -> str:
    """Say why it cannot be, with one line for each row that does not agree."""
    return "\n".join([str(refusal), *(f"  {row}" for row in refusal.data.get("rows", ()))])
