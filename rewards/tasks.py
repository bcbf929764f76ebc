"""What workers do for rewards; running any of these twice at once is safe."""

from __future__ import annotations

from celery import shared_task

from rewards.services import look_ups, redemptions, vouchers


@shared_task(name="rewards.end_overdue_redemptions", ignore_result=True)  # type: ignore[untyped-decorator]
def end_overdue_redemptions() -> None:
    """Let go of rewards that were set aside for too long."""
    redemptions.end_overdue_redemptions()


@shared_task(name="rewards.expire_vouchers", ignore_result=True)  # type: ignore[untyped-decorator]
def expire_vouchers() -> None:
    """Mark vouchers whose last day is over."""
    vouchers.expire_vouchers()


@shared_task(name="rewards.forget_old_look_ups", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_look_ups() -> None:
    """Delete the notes of who looked for whom, once nobody may ask any more."""
    look_ups.forget_old_look_ups()
