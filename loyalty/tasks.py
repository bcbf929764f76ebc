"""What workers do for loyalty; running any of these twice at once is safe."""

from __future__ import annotations

from celery import shared_task

from loyalty.services import due


@shared_task(name="loyalty.expire_due_points", ignore_result=True)  # type: ignore[untyped-decorator]
def expire_due_points() -> None:
    """Book points that have ended."""
    due.expire_due_points()


@shared_task(name="loyalty.match_parked_returns", ignore_result=True)  # type: ignore[untyped-decorator]
def match_parked_returns() -> None:
    """Carry out returns that came before their sale."""
    due.match_parked_returns()
