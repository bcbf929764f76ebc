"""Shared codes: words that the shop chooses and everybody may use, as often as it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.days import start_of_day
from core.errors import InvalidInput
from core.locking import lock_one
from core.outbox import event, tell
from rewards.batch_errors import WordInvalid, WordTaken
from rewards.errors import VoucherCanceled
from rewards.models import Reward, Voucher
from rewards.services.voucher_batches import refuse_inverted
from rewards.services.vouchers import refuse_over
from rewards.voucher_codes import clean_word

USES_MAX = 1_000_000_000
PER_MEMBER_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSharedCode:
    """A word, how often it can be used in all and by one member, and from day to day."""

    word: str
    uses_max: int | None = None
    per_member_max: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@transaction.atomic
def create_shared_code(*, reward_id: int, new: NewSharedCode, actor: Actor) -> Voucher:
    """Let a word be good for a reward.

    Raises ``WordInvalid``, ``WordTaken``, ``DatesInverted`` or ``InvalidInput``.
    """
    word = clean_word(new.word)
    if not word:
        raise WordInvalid
    _refuse_out_of_bounds(new)
    reward = Reward.objects.select_related("program__organization").get(pk=reward_id)
    organization = reward.program.organization
    zone = organization.zone
    ends = new.valid_until and new.valid_until + timedelta(days=1)
    voucher = Voucher(
        organization=organization,
        reward=reward,
        kind=Voucher.Kind.SHARED,
        code=word,
        uses_max=new.uses_max,
        per_member_max=new.per_member_max,
        issued_at=timezone.now(),
        valid_from=start_of_day(new.valid_from, zone) if new.valid_from else None,
        valid_until=start_of_day(ends, zone) if ends else None,
    )
    _add(voucher)
    _note("added", voucher, actor)
    return voucher


@transaction.atomic
def pause_shared_code(*, voucher_id: int, actor: Actor) -> Voucher:
    """Let a shared code rest; raises what says that it is over."""
    return _set_paused(voucher_id, actor, paused=True)


@transaction.atomic
def resume_shared_code(*, voucher_id: int, actor: Actor) -> Voucher:
    """Let a shared code count again; raises what says that it is over."""
    return _set_paused(voucher_id, actor, paused=False)


@transaction.atomic
def cancel_shared_code(*, voucher_id: int, actor: Actor) -> Voucher:
    """End a shared code for good; what it was used for stays. Raises ``VoucherCanceled``."""
    voucher = lock_one(Voucher, voucher_id)
    assert voucher.is_shared, "other vouchers end with their redemption or batch"
    if voucher.status == Voucher.Status.CANCELED:
        raise VoucherCanceled
    voucher.status, voucher.paused_at = Voucher.Status.CANCELED, None
    voucher.save(update_fields=["status", "paused_at"])
    _note("canceled", voucher, actor, "status")
    payload = {"voucher": str(voucher.public_id), "redemption": None}
    organization_id = voucher.organization_id
    tell([event("voucher.canceled", voucher, organization_id=organization_id, payload=payload)])
    return voucher


def _refuse_out_of_bounds(new: NewSharedCode) -> None:
    for field, value, most in (
        ("uses_max", new.uses_max, USES_MAX),
        ("per_member_max", new.per_member_max, PER_MEMBER_MAX),
    ):
        if value is not None and not 1 <= value <= most:
            raise InvalidInput(field=field)
    refuse_inverted(new.valid_from, new.valid_until)


def _add(voucher: Voucher) -> None:
    try:
        with transaction.atomic():
            voucher.save(force_insert=True)
    except IntegrityError:  # somebody has a word that is read the same
        raise WordTaken from None


def _set_paused(voucher_id: int, actor: Actor, *, paused: bool) -> Voucher:
    voucher = lock_one(Voucher, voucher_id, "batch")
    assert voucher.is_shared, "nothing else is paused"
    now = timezone.now()
    refuse_over(voucher, now=now)
    if (voucher.paused_at is not None) != paused:
        voucher.paused_at = now if paused else None
        voucher.save(update_fields=["paused_at"])
        _note("paused" if paused else "resumed", voucher, actor, "status")
    return voucher


def _note(verb: str, voucher: Voucher, actor: Actor, *fields: str) -> None:
    audit.record(verb, voucher, organization_id=voucher.organization_id, actor=actor, fields=fields)
