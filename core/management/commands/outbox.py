"""``manage.py outbox``: what could not be handed on, and once more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from core.errors import Missing
from core.queries import events_not_sent
from core.services.outbox import retry_event, retry_parked

ROWS_MAX = 100


class Command(BaseCommand):
    """Lists events that wait or are parked, and has parked ones tried anew."""

    help = "Show events that were not handed on, or have parked ones tried again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to do, and with which event."""
        parser.add_argument("act", choices=["list", "retry"])
        parser.add_argument("event", nargs="?", type=UUID, help="its id, as `list` prints it")
        parser.add_argument("--all", action="store_true", help="retry every parked event")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one of the two."""
        if options["act"] == "list":
            self._list()
        elif options["all"]:
            self.stdout.write(f"{retry_parked():,} events will be tried again")
        elif options["event"] is None:
            raise CommandError("Name an event, or --all.")
        else:
            self._retry(options["event"])

    def _list(self) -> None:
        waiting = events_not_sent()
        for event in waiting[:ROWS_MAX]:
            state = "parked" if event.parked_at else f"tried {event.attempts} times"
            line = f"{event.event_id} {event.kind} {event.subject}:{event.subject_id} {state}"
            self.stdout.write(f"{line} {event.last_error}".rstrip())
        parked = waiting.filter(parked_at__isnull=False).count()
        self.stdout.write(f"{waiting.count():,} events not sent, {parked:,} of them parked")

    def _retry(self, event_id: UUID) -> None:
        try:
            event = retry_event(event_id)
        except Missing as refusal:
            raise CommandError(f"{event_id} is not among the parked events.") from refusal
        self.stdout.write(f"{event.event_id} {event.kind} will be tried again")
