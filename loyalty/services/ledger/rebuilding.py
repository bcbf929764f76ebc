"""Balances made anew from the entries, where somebody changed them by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Sum

from core import audit
from core.actors import SYSTEM, Actor
from core.invariants import Scope
from core.locking import lock_one
from core.services.audit_ledger import violations
from loyalty.errors import AccountInconsistent
from loyalty.models import Account, Entry

FIGURES = ("INV-1", "INV-1b", "INV-2", "INV-3", "INV-4", "INV-15")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What an account said of itself, and what its entries say."""

    account_id: int
    balance: tuple[int, int]
    sequence: tuple[int, int]

    @property
    def is_changed(self) -> bool:
        """Say whether the entries say anything else."""
        return len({*self.balance}) + len({*self.sequence}) > 2


def misstated_accounts(organization_id: int) -> list[int]:
    """Return the accounts of an organization that say something else than their entries."""
    rows = violations(Scope(organization=organization_id), only=["INV-1"])
    return sorted(row.subject_id for row in rows)


@transaction.atomic
def rebuild_balance(*, account_id: int, dry_run: bool = False, actor: Actor = SYSTEM) -> Rebuilt:
    """Set balance and sequence to what the entries say, unless lots or entries contradict them.

    Raises ``AccountInconsistent``: then nothing says what is right, and a person has to look. An
    account under review stays so until it is released.
    """
    account = lock_one(Account, account_id, "program")
    sums = Entry.objects.filter(account=account).aggregate(Sum("points"), Max("sequence"))
    rebuilt = Rebuilt(
        account.pk,
        (account.balance, int(sums["points__sum"] or 0)),
        (account.sequence, sums["sequence__max"] or 0),
    )
    account.balance, account.sequence = rebuilt.balance[1], rebuilt.sequence[1]
    account.save(update_fields=["balance", "sequence"])
    left = violations(Scope(accounts=[account.pk]), only=FIGURES)
    if left:
        told = [f"{row.invariant} {row.subject}:{row.subject_id} {row.detail}" for row in left]
        raise AccountInconsistent(rows=told)
    if dry_run:
        transaction.set_rollback(True)
    elif rebuilt.is_changed:
        audit.record(
            "rebuild",
            account,
            organization_id=account.program.organization_id,
            actor=actor,
            fields=["balance", "sequence"],
        )
    return rebuilt
