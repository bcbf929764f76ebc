"""Sends short messages: written with what they tell of, sent by a worker after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.delivery import NotDelivered, deliver_email, deliver_sms, is_recorded_only
from core.locking import unlocked
from core.models import OutgoingMessage
from core.nudges import nudge

SEND = "core.send_messages"
CHUNK = 20
CHUNKS_MAX = 10
ATTEMPTS_MAX = 6
# Longer than sending a whole chunk may take, so that nobody else takes it up meanwhile.
TAKEN_FOR = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=15)
TEXT_KEPT_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
ERROR_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be said to whom; ``worthless_at`` is when it need not arrive any more."""

    channel: OutgoingMessage.Channel
    to: str
    text: str
    subject: str = ""
    worthless_at: datetime | None = None


def send_later(*, organization_id: int, letter: Letter) -> OutgoingMessage:
    """Write a message in the caller's transaction; it is sent when that is committed."""
    assert transaction.get_connection().in_atomic_block, "a message is committed with its cause"
    message = OutgoingMessage.objects.create(
        organization_id=organization_id,
        channel=letter.channel,
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        worthless_at=letter.worthless_at,
        next_try_at=timezone.now(),
    )
    nudge(SEND)
    return message


def send_due_messages(*, chunk: int = CHUNK, chunks_max: int = CHUNKS_MAX) -> int:
    """Send what is due, some at a time; two rounds at once never send the same message."""
    sent = 0
    for _round in range(chunks_max):
        taken = _take_due(chunk)
        sent += sum(_send(message) for message in taken)
        if len(taken) < chunk:
            break
    return sent


def forget_old_messages() -> None:
    """Blank texts that were only recorded, and delete what nobody asks about any more."""
    now = timezone.now()
    OutgoingMessage.objects.filter(created_at__lt=now - KEPT_FOR, over_at__isnull=False).delete()
    stale = OutgoingMessage.objects.filter(created_at__lt=now - TEXT_KEPT_FOR).exclude(text="")
    stale.filter(over_at__isnull=False).update(text="")


@transaction.atomic
def _take_due(chunk: int) -> list[OutgoingMessage]:
    """Claim some messages; one whose sender dies becomes due again."""
    now = timezone.now()
    _give_up_worthless(now)
    due = OutgoingMessage.objects.filter(over_at__isnull=True, next_try_at__lte=now)
    taken = list(unlocked(due.order_by("next_try_at"))[:chunk])
    for message in taken:
        message.attempts += 1
        message.next_try_at = now + TAKEN_FOR
    OutgoingMessage.objects.bulk_update(taken, ["attempts", "next_try_at"])
    return taken


def _give_up_worthless(now: datetime) -> None:
    late = Q(over_at__isnull=True, worthless_at__lte=now)
    pks: Iterable[int] = unlocked(OutgoingMessage.objects.filter(late)).values_list("pk", flat=True)
    gone = OutgoingMessage.objects.filter(pk__in=list(pks))
    gone.update(text="", over_at=now, last_error="came too late")


def _send(message: OutgoingMessage) -> bool:
    """Send one message outside any transaction, and write down how it went."""
    if is_recorded_only() and not settings.PRODUCTION:
        _close(message, text=message.text)
        return False
    try:
        _deliver(message)
    except NotDelivered as fault:
        _try_later(message, str(fault)[:ERROR_LENGTH_MAX])
        return False
    _close(message, text="", sent_at=timezone.now())
    return True


def _deliver(message: OutgoingMessage) -> None:
    if message.channel == OutgoingMessage.Channel.SMS:
        deliver_sms(to=message.to, text=message.text, reference=str(message.public_id))
    else:
        deliver_email(to=message.to, subject=message.subject, text=message.text)


def _try_later(message: OutgoingMessage, why: str) -> None:
    if message.attempts >= ATTEMPTS_MAX:
        _close(message, text="", last_error=why)
        return
    pause = FIRST_PAUSE * 4 ** (message.attempts - 1)
    again = OutgoingMessage.objects.filter(pk=message.pk)
    again.update(next_try_at=timezone.now() + pause, last_error=why)


def _close(message: OutgoingMessage, **said: object) -> None:
    OutgoingMessage.objects.filter(pk=message.pk).update(over_at=timezone.now(), **said)
