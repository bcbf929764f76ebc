"""What workers do for members; running any of these twice at once is safe."""

from __future__ import annotations

from celery import shared_task

from members.services import codes


@shared_task(name="members.forget_old_codes", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_codes() -> None:
    """Delete the sign-in codes of the day before."""
    codes.forget_old_codes()
