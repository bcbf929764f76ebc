"""Batches of vouchers: ordered in the office, made by a worker some at a time, and stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.bulk import fresh, insert_many
from core.days import start_of_day
from core.locking import lock_one, lock_those, only_one
from core.nudges import nudge
from core.outbox import event, tell
from core.text import clean_line
from rewards.batch_errors import (
    BatchNotReady,
    BatchStopped,
    BatchTooLarge,
    CodeLengthTaken,
    CodeTooWeak,
    DatesInverted,
    PrefixInvalid,
)
from rewards.models import Reward, Voucher, VoucherBatch
from rewards.models.voucher_batches import NAME_LENGTH_MAX, WANTED_MAX
from rewards.voucher_codes import (
    BITS_MIN,
    LENGTHS,
    RANDOM,
    RANDOM_MAX,
    is_prefix,
    length_of,
    make,
    strength,
)

MAKE = "rewards.make_voucher_codes"
CHUNK = 5_000
SECONDS = 240  # then others have their turn, and the next round goes on
Status = VoucherBatch.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What is wanted: so many codes that begin like this and are good from day to day."""

    name: str
    wanted: int
    prefix: str = ""
    random_chars: int = RANDOM
    valid_from: date | None = None
    valid_until: date | None = None


@transaction.atomic
def create_batch(*, reward_id: int, new: NewBatch, actor: Actor) -> VoucherBatch:
    """Order codes, which a worker makes; nobody waits for them.

    Raises ``BatchTooLarge``, ``PrefixInvalid``, ``CodeTooWeak``, ``CodeLengthTaken`` or
    ``DatesInverted``.
    """
    refuse_impossible(new)
    reward = Reward.objects.select_related("program__organization").get(pk=reward_id)
    organization = reward.program.organization
    batch = VoucherBatch.objects.create(
        organization=organization,
        reward=reward,
        name=clean_line(new.name, max_length=NAME_LENGTH_MAX) or reward.name,
        wanted=new.wanted,
        prefix=new.prefix,
        random_chars=new.random_chars,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        created_by=actor.name,
        created_at=timezone.now(),
    )
    audit.record("added", batch, organization_id=organization.pk, actor=actor)
    nudge(MAKE)
    return batch


def refuse_impossible(new: NewBatch) -> None:
    """Refuse what is no batch; the same that ``create_batch`` raises."""
    if not 1 <= new.wanted <= WANTED_MAX:
        raise BatchTooLarge
    if not is_prefix(new.prefix):
        raise PrefixInvalid
    if not RANDOM <= new.random_chars <= RANDOM_MAX:
        raise too_weak(new.random_chars) if new.random_chars < RANDOM else CodeLengthTaken
    length = length_of(new.prefix, new.random_chars)
    if length not in LENGTHS:
        raise CodeLengthTaken(length=length)
    refuse_inverted(new.valid_from, new.valid_until)


def too_weak(random_chars: int) -> CodeTooWeak:
    """Return the refusal of codes with so few random characters, which names their strength."""
    bits = round(max(strength(random_chars), 0), 1)
    told = _("Codes with %(bits)s random bits could be guessed. They need %(least)s.")
    return CodeTooWeak(told % {"bits": bits, "least": BITS_MIN}, bits=bits, bits_min=BITS_MIN)


def refuse_inverted(first: date | None, last: date | None) -> None:
    """Refuse a last day before the first."""
    if first is not None and last is not None and last < first:
        raise DatesInverted


@transaction.atomic
def stop_batch(*, batch_id: int, actor: Actor) -> VoucherBatch:
    """Make every unused code of a batch worthless, and make no more; what was used stays used.

    It counts at once; the codes themselves are marked by a worker. Raises ``BatchStopped``.
    """
    batch = lock_one(VoucherBatch, batch_id)
    if batch.status == Status.STOPPED:
        raise BatchStopped
    batch.status, batch.stopped_at = Status.STOPPED, timezone.now()
    batch.save(update_fields=["status", "stopped_at"])
    audit.record(
        "stopped", batch, organization_id=batch.organization_id, actor=actor, fields=["status"]
    )
    _tell(batch, "voucher_batch.stopped")
    nudge(MAKE)
    return batch


@transaction.atomic
def note_export(*, batch_id: int, actor: Actor) -> None:
    """Note that somebody took every code of a batch with them."""
    batch = VoucherBatch.objects.get(pk=batch_id)
    audit.record("exported", batch, organization_id=batch.organization_id, actor=actor)


@transaction.atomic
def note_print(*, batch_id: int, first: int, last: int, actor: Actor) -> None:
    """Note that somebody printed codes of a batch, from one number to another.

    Raises ``BatchStopped`` where they are worth nothing, and ``BatchNotReady`` where not all are
    there yet.
    """
    batch = VoucherBatch.objects.get(pk=batch_id)
    if batch.status == Status.STOPPED:
        raise BatchStopped
    if last > batch.made:
        raise BatchNotReady
    reason = f"{first}–{last}"
    audit.record(
        "printed", batch, organization_id=batch.organization_id, actor=actor, reason=reason
    )


def work_on_batches(*, seconds: float = SECONDS, chunk: int = CHUNK) -> None:
    """Make the codes that are wanted and cancel those of stopped batches, as far as time allows.

    What another worker has in hand is left to it. A worker that is killed loses one chunk.
    """
    end = time.monotonic() + seconds
    in_work = VoucherBatch.objects.filter(status=Status.MAKING) | VoucherBatch.objects.filter(
        status=Status.STOPPED, is_swept=False
    )
    for batch_id in list(in_work.order_by("pk").values_list("pk", flat=True)):
        with only_one(f"voucher_batch:{batch_id}", patience=0) as is_free:
            while is_free and time.monotonic() < end and work_on(batch_id=batch_id, chunk=chunk):
                pass


def work_on(*, batch_id: int, chunk: int = CHUNK) -> bool:
    """Make or cancel one chunk of a batch's codes; say whether there is more to do."""
    try:
        return _make_some(batch_id, chunk) or _cancel_some(batch_id, chunk)
    except IntegrityError:  # somebody else was given the same code meanwhile: it is drawn again
        return True


def expire_batches(*, chunk: int = CHUNK) -> int:
    """Mark codes of batches whose last day is over, chunk by chunk; return how many."""
    return sum(iter(lambda: _expire_some(chunk), 0))


def first_instant(batch: VoucherBatch) -> datetime | None:
    """Return when a batch's first day begins where the organization is."""
    day = batch.valid_from
    return None if day is None else start_of_day(day, batch.organization.zone)


def last_instant(batch: VoucherBatch) -> datetime | None:
    """Return the end of a batch's last day where the organization is."""
    day = batch.valid_until
    if day is None:
        return None
    return start_of_day(day + timedelta(days=1), batch.organization.zone)


@transaction.atomic
def _make_some(batch_id: int, chunk: int) -> bool:
    """Make one chunk of codes under the batch's lock; say whether more are wanted."""
    batch = lock_one(VoucherBatch, batch_id, "organization")
    if batch.status != Status.MAKING:
        return False
    count = min(chunk, batch.wanted - batch.made)
    _store(batch, _new_codes(batch, count))
    batch.made += count
    if batch.made == batch.wanted:
        batch.status = Status.READY
        _tell(batch, "voucher_batch.made")
    batch.save(update_fields=["made", "status"])
    return batch.status == Status.MAKING


def _new_codes(batch: VoucherBatch, count: int) -> set[str]:
    """Draw so many codes that nothing of the organization has; what was drawn before is no use."""
    codes: set[str] = set()
    while len(codes) < count:
        wanted = count - len(codes)
        drawn = {
            make(prefix=batch.prefix, random_chars=batch.random_chars) for _ in range(wanted)
        } - codes
        ours = Voucher.objects.filter(organization=batch.organization_id, code__in=drawn)
        codes |= drawn - set(ours.values_list("code", flat=True))
    return codes


def _store(batch: VoucherBatch, codes: set[str]) -> None:
    now, first, end = timezone.now(), first_instant(batch), last_instant(batch)
    vouchers = [
        fresh(
            Voucher,
            organization_id=batch.organization_id,
            reward_id=batch.reward_id,
            batch_id=batch.pk,
            code=code,
            issued_at=now,
            valid_from=first,
            valid_until=end,
        )
        for code in codes
    ]
    insert_many(vouchers)


@transaction.atomic
def _cancel_some(batch_id: int, chunk: int) -> bool:
    """Cancel one chunk of what is left of a stopped batch; say whether there may be more."""
    batch = lock_one(VoucherBatch, batch_id)
    if batch.status != Status.STOPPED or batch.is_swept:
        return False
    left = Voucher.objects.filter(batch=batch, status=Voucher.Status.ISSUED)
    found = list(left.order_by("pk").values_list("pk", flat=True)[:chunk])
    _end_unused(found, Voucher.Status.CANCELED)
    if len(found) < chunk:
        batch.is_swept = True
        batch.save(update_fields=["is_swept"])
    return not batch.is_swept


@transaction.atomic
def _expire_some(chunk: int) -> int:
    over = Voucher.objects.filter(
        status=Voucher.Status.ISSUED, valid_until__lte=timezone.now(), batch__isnull=False
    )
    found = list(over.order_by("valid_until").values_list("pk", flat=True)[:chunk])
    _end_unused(found, Voucher.Status.EXPIRED)
    return len(found)


def _end_unused(pks: list[int], status: Voucher.Status) -> None:
    """Bring vouchers that nobody used while their locks were waited for to their end."""
    unused = lock_those(Voucher, pks, status=Voucher.Status.ISSUED)
    Voucher.objects.filter(pk__in=unused).update(status=status)


def _tell(batch: VoucherBatch, kind: str) -> None:
    payload = {"batch": str(batch.public_id), "made": batch.made}
    tell([event(kind, batch, organization_id=batch.organization_id, payload=payload)])
