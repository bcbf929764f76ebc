"""What issuing a reward does, noted for the day on which the reward opens.

Each redemption has one such note at most. It is written and crossed out under the lock of the
account, as everything that becomes of a redemption.
"""

from __future__ import annotations

from datetime import datetime

from rewards.models import Opening, Redemption

Status = Opening.Status


def put_off(redemption: Redemption) -> None:
    """Note what is to be done when the redemption opens, in the transaction that issues it."""
    assert redemption.opens_at is not None, "only what opens later is put off"
    Opening.objects.create(redemption=redemption, due_at=redemption.opens_at)


def call_off(redemption: Redemption, now: datetime) -> bool:
    """Cross out what was to be done; say whether nothing of it was done and now never is."""
    waiting = Opening.objects.filter(redemption=redemption, status=Status.WAITING)
    if waiting.update(status=Status.CANCELED, ended_at=now):
        return True
    return Opening.objects.filter(redemption=redemption, status=Status.FAILED).exists()


def why_not_opened(redemption: Redemption) -> str:
    """Say why a reward could not be given on its day, if that is what became of it."""
    if redemption.opens_at is None:
        return ""
    failed = Opening.objects.filter(redemption=redemption, status=Status.FAILED)
    return redemption.reason if failed.exists() else ""
