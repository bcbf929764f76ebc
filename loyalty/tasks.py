"""What workers do for loyalty; running any of these twice at once is safe."""

from __future__ import annotations

from celery import shared_task

from loyalty.services import due, seals, tier_lifts, uploads


@shared_task(name="loyalty.expire_due_points", ignore_result=True)  # type: ignore[untyped-decorator]
def expire_due_points() -> None:
    """Book points that have ended, where the night does not do so."""
    due.expire_between_nights()


@shared_task(name="loyalty.match_parked_returns", ignore_result=True)  # type: ignore[untyped-decorator]
def match_parked_returns() -> None:
    """Carry out returns that came before their sale."""
    due.match_parked_returns()


# A trial may take long and must not be cut short by the limit that is right for other work.
@shared_task(  # type: ignore[untyped-decorator]
    name="loyalty.work_on_uploads", ignore_result=True, soft_time_limit=3000, time_limit=3060
)
def work_on_uploads() -> None:
    """Check and import the files of receipts that were sent by a browser."""
    uploads.work_on_uploads()


@shared_task(name="loyalty.lift_tiers", ignore_result=True)  # type: ignore[untyped-decorator]
def lift_tiers() -> None:
    """Lift everybody who qualifies by tiers that have begun."""
    tier_lifts.lift_everybody()


@shared_task(name="loyalty.seal_entries", ignore_result=True)  # type: ignore[untyped-decorator]
def seal_entries() -> None:
    """Seal what was written since the last time."""
    seals.seal_entries()
