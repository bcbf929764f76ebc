"""Background work of the ground floor; each task is one line and may run twice at once."""

from __future__ import annotations

from celery import shared_task

from core.services import messages, nights, outbox, requests, windows


@shared_task(name="core.forget_old_requests", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_requests() -> None:
    """Delete the keys of requests that nobody repeats any more."""
    requests.forget_old_requests()


@shared_task(name="core.relay_events", ignore_result=True)  # type: ignore[untyped-decorator]
def relay_events() -> None:
    """Hand on what happened to those who listen."""
    outbox.relay_events()


@shared_task(name="core.forget_old_events", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_events() -> None:
    """Delete events that were sent long ago."""
    outbox.forget_old_events()


@shared_task(name="core.send_messages", ignore_result=True)  # type: ignore[untyped-decorator]
def send_messages() -> None:
    """Send the messages that are due."""
    messages.send_due_messages()


@shared_task(name="core.forget_old_messages", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_messages() -> None:
    """Delete messages, and before that their texts, once nobody needs them."""
    messages.forget_old_messages()


# A large organization's audit takes as long as it takes.
@shared_task(  # type: ignore[untyped-decorator]
    name="core.run_nights", ignore_result=True, soft_time_limit=3000, time_limit=3060
)
def run_nights() -> None:
    """Carry organizations whose day has begun through their nights."""
    nights.run_nights()


@shared_task(name="core.forget_old_failures", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old_failures() -> None:
    """Delete counts of failures whose window is over."""
    windows.forget_old_failures()
