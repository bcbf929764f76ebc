"""``manage.py rebuild_balances``: balances made anew from the entries."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Missing, Refusal
from core.queries import organization_named
from loyalty.management.commands.release_account import explained
from loyalty.services.ledger import Rebuilt, misstated_accounts, rebuild_balance


class Command(BaseCommand):
    """Sets balances to what the entries say; exits with 1 when an account cannot be mended so."""

    help = "Set balance and sequence of accounts to what their entries say."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one account, or those of an organization that need it."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("slug", nargs="?", help="the accounts of this organization")
        which.add_argument("--account", type=int, metavar="ID", help="as audit_ledger prints it")
        parser.add_argument("--dry-run", action="store_true", help="show it and change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rebuild one account after the other, each in its own transaction."""
        accounts = _accounts(options["slug"], options["account"])
        mended = [self._rebuild(account_id, options["dry_run"]) for account_id in accounts]
        self.stdout.write(f"{sum(mended)} of {len(mended)} accounts agree with their entries")
        if not all(mended):
            sys.exit(1)

    def _rebuild(self, account_id: int, dry_run: bool) -> bool:  # noqa: FBT001
        try:
            rebuilt = rebuild_balance(account_id=account_id, dry_run=dry_run)
        except Refusal as refusal:
            self.stdout.write(f"account {account_id}: {explained(refusal)}")
            return False
        self.stdout.write(_told(rebuilt, "would become" if dry_run else "becomes"))
        return True


def _accounts(slug: str | None, account_id: int | None) -> list[int]:
    if account_id is not None:
        return [account_id]
    try:
        return misstated_accounts(organization_named(slug or "").pk)
    except Missing as missing:
        raise CommandError(f"There is no organization {slug!r}.") from missing


def _told(rebuilt: Rebuilt, verb: str) -> str:
    if not rebuilt.is_changed:
        return f"account {rebuilt.account_id}: nothing to change"
    balance, sequence = rebuilt.balance, rebuilt.sequence
    return (
        f"account {rebuilt.account_id}: balance {balance[0]} {verb} {balance[1]},"
        f" sequence {sequence[0]} {verb} {sequence[1]}"
    )
