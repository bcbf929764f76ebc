"""Rewards that are sent or picked up: where to, packed or put aside, sent or handed over.

Every step is taken under the lock of the voucher, and asks again there what it is based on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import Missing, Refusal, about
from core.locking import lock_all
from core.models import AuditRecord, Store
from core.text import clean_line
from rewards.addresses import (
    CARRIER_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    TRACKING_LENGTH_MAX,
    Address,
    read_address,
)
from rewards.delivery_errors import (
    AddressNeeded,
    FulfillmentEnded,
    NotPickedUpThere,
    NotReadyYet,
    PickupStoreNeeded,
    PlaceSettled,
    StepBackNotPossible,
    TooManyAtOnce,
    WhereNotSaid,
)
from rewards.fulfillment_queries import pickup_stores
from rewards.models import Fulfillment, Reward, Voucher, VoucherUse
from rewards.services.delivering import Parcel, fresh, move
from rewards.services.vouchers import Use, refuse_over, release_use, use_voucher

ROWS_MAX = 100
STEP_BACK_WITHIN = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
CHUNK = 500

Status = Fulfillment.Status
NO_PARCELS: Mapping[int, Parcel] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where something goes: a store to pick it up in, or an address; a note for whoever packs."""

    store_id: int | None = None
    address: Address | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of moving one on: done, nothing left to do, or refused."""

    fulfillment: Fulfillment
    is_moved: bool
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Who moves which on to what, under which request, with which parcels."""

    to: Fulfillment.Status
    actor: Actor
    request_key: str
    parcels: Mapping[int, Parcel] = field(default_factory=dict)


@transaction.atomic
def say_where(*, fulfillment_id: int, where: Where, actor: Actor) -> Fulfillment:
    """Say where it goes, or say so anew while nobody has packed it; the same again changes nothing.

    From then on the voucher has no last day: what is waited for does not lapse. Raises
    ``AddressNeeded``, ``PickupStoreNeeded``, ``NotPickedUpThere``, ``PlaceSettled``,
    ``VoucherExpired``, or what is wrong with the address.
    """
    voucher, found = _locked_one(fulfillment_id)
    if found.status not in (Status.WAITING, Status.OPEN):
        raise PlaceSettled(status=found.status)
    refuse_over(voucher, now=timezone.now())
    place = _place(found, where)
    changed = [name for name, value in place.items() if getattr(found, name) != value]
    if found.status == Status.OPEN and not changed:
        return found
    for name, value in place.items():
        setattr(found, name, value)
    noted = _note("placed", found, actor, [name.removesuffix("_id") for name in changed])
    if found.status == Status.OPEN:
        move(found, changed, told_of=noted, kind="changed")
    else:
        _open(found, voucher, actor, changed)
    return found


@transaction.atomic
def advance(
    *,
    fulfillment_ids: Sequence[int],
    to: Fulfillment.Status,
    actor: Actor,
    request_key: str,
    parcels: Mapping[int, Parcel] = NO_PARCELS,
) -> list[Step]:
    """Move one or many on: packed or put aside (ready), or sent or handed over (done).

    Each is answered for itself, in the order given: one that is refused keeps none of the others.
    Raises ``TooManyAtOnce``.
    """
    assert to in (Status.READY, Status.DONE), "one is moved on to be ready or done"
    if len(fulfillment_ids) > ROWS_MAX:
        raise TooManyAtOnce(limit=ROWS_MAX)
    desk = _Desk(to=to, actor=actor, request_key=request_key, parcels=parcels)
    locked = _locked(fulfillment_ids)
    return [_step(*locked[pk], desk) for pk in dict.fromkeys(fulfillment_ids)]


@transaction.atomic
def step_back(*, fulfillment_id: int, actor: Actor, reason: str = "") -> Fulfillment:
    """Take the last step back: what is ready is to be packed again, what is done is not, for a day.

    The voucher of what was done is good again. Raises ``StepBackNotPossible``.
    """
    voucher, found = _locked_one(fulfillment_id)
    if found.status == Status.READY:
        noted = _note("stepped_back", found, actor, ["status"], reason)
        found.status, found.ready_at, found.ready_by = Status.OPEN, None, ""
        move(found, ["status", "ready_at", "ready_by"], told_of=noted)
    elif _was_done_lately(found):
        release_use(use_id=_live_use(voucher).pk, actor=actor)
        _note("stepped_back", found, actor, ["status"], reason)
        found.refresh_from_db()
    else:
        raise StepBackNotPossible
    return found


@transaction.atomic
def correct_parcel(*, fulfillment_id: int, parcel: Parcel, actor: Actor) -> Fulfillment:
    """Say by whom something was sent, and under which number, once it was.

    Raises ``NotReadyYet`` before, and ``FulfillmentEnded`` for what was canceled or picked up.
    """
    _voucher, found = _locked_one(fulfillment_id)
    if found.status in (Status.WAITING, Status.OPEN, Status.READY):
        raise NotReadyYet
    if found.status != Status.DONE or found.method != Reward.Delivery.SHIPPING:
        raise FulfillmentEnded(status=found.status)
    told_now = asdict(_clean(parcel))
    changed = [name for name, value in told_now.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, told_now[name])
    if changed:
        noted = _note("changed", found, actor, changed)
        move(found, changed, told_of=noted, kind="changed")
    return found


def forget_old_addresses() -> int:
    """Blank some addresses of what ended 30 days ago; return how many."""
    before = timezone.now() - KEPT_FOR
    ended = Q(status=Status.DONE, done_at__lte=before)
    ended |= Q(status=Status.CANCELED, canceled_at__lte=before)
    kept = Fulfillment.objects.filter(ended, forgotten_at=None).order_by("pk")
    pks = list(kept.values_list("pk", flat=True)[:CHUNK])
    # Asked again: a step back may have been faster.
    still = Fulfillment.objects.filter(ended, pk__in=pks, forgotten_at=None)
    nothing = dict.fromkeys(asdict(Address()), "")
    return still.update(**nothing, note="", forgotten_at=timezone.now())


def _locked(fulfillment_ids: Iterable[int]) -> dict[int, tuple[Voucher, Fulfillment]]:
    """Lock the vouchers, then read what goes with them anew."""
    wanted = set(fulfillment_ids)
    known = Fulfillment.objects.filter(pk__in=wanted)
    vouchers = lock_all(Voucher, known.values_list("redemption__voucher", flat=True))
    by_redemption = {voucher.redemption_id: voucher for voucher in vouchers.values()}
    rows = {
        one.pk: (by_redemption[one.redemption_id], one) for one in fresh().filter(pk__in=wanted)
    }
    if len(rows) != len(wanted):
        raise Missing
    return rows


def _locked_one(fulfillment_id: int) -> tuple[Voucher, Fulfillment]:
    return _locked([fulfillment_id])[fulfillment_id]


def _place(found: Fulfillment, where: Where) -> dict[str, Any]:
    """Return where it goes as it is kept, or refuse what does not fit how it is had."""
    with about("note"):
        note = clean_line(where.note, max_length=NOTE_LENGTH_MAX)
    if found.method == Reward.Delivery.PICKUP:
        return {"store_id": _store(found, where).pk, "note": note}
    if where.address is None or where.store_id is not None:
        raise AddressNeeded
    return {**asdict(read_address(asdict(where.address))), "note": note}


def _store(found: Fulfillment, where: Where) -> Store:
    if where.store_id is None or where.address is not None:
        raise PickupStoreNeeded
    store = pickup_stores(found).filter(pk=where.store_id).first()
    if store is None:
        raise NotPickedUpThere
    return store


def _open(found: Fulfillment, voucher: Voucher, actor: Actor, changed: Sequence[str]) -> None:
    """Let the shop begin; from now on it is the shop that is waited for."""
    found.status, found.opened_at, found.opened_by = Status.OPEN, timezone.now(), actor.name
    voucher.valid_until = None
    voucher.save(update_fields=["valid_until"])
    move(found, ["status", "opened_at", "opened_by", *changed])


def _step(voucher: Voucher, found: Fulfillment, desk: _Desk) -> Step:
    try:
        with transaction.atomic():
            is_moved = _move_on(voucher, found, desk)
    except Refusal as refusal:
        return Step(found, is_moved=False, refusal=refusal)
    if is_moved:
        found.refresh_from_db()
    return Step(found, is_moved)


def _move_on(voucher: Voucher, found: Fulfillment, desk: _Desk) -> bool:
    """Take the step and say so, or say that it was taken already."""
    if found.status == desk.to:
        return False
    if found.status == Status.WAITING:
        raise WhereNotSaid
    if found.is_over:
        raise FulfillmentEnded(status=found.status)
    if desk.to == Status.READY:
        noted = _note("made_ready", found, desk.actor, ["status"])
        found.status, found.ready_at = Status.READY, timezone.now()
        found.ready_by = desk.actor.name
        move(found, ["status", "ready_at", "ready_by"], told_of=noted)
        return True
    if found.status != Status.READY:
        raise NotReadyYet
    use = Use(
        request_key=f"{desk.request_key}:use:{found.pk}",
        store_id=found.store_id,
        parcel=_clean(desk.parcels.get(found.pk, Parcel())),
    )
    use_voucher(voucher_id=voucher.pk, use=use, actor=desk.actor)
    _note("made_done", found, desk.actor, ["status"])
    return True


def _clean(parcel: Parcel) -> Parcel:
    with about("carrier"):
        carrier = clean_line(parcel.carrier, max_length=CARRIER_LENGTH_MAX)
    with about("tracking"):
        tracking = clean_line(parcel.tracking, max_length=TRACKING_LENGTH_MAX)
    return Parcel(carrier=carrier, tracking=tracking)


def _was_done_lately(found: Fulfillment) -> bool:
    if found.status != Status.DONE or found.done_at is None:
        return False
    return timezone.now() - found.done_at <= STEP_BACK_WITHIN


def _live_use(voucher: Voucher) -> VoucherUse:
    return VoucherUse.objects.get(voucher=voucher, released_at=None)


def _note(
    verb: str, found: Fulfillment, actor: Actor, fields: Iterable[str], reason: str = ""
) -> AuditRecord:
    return audit.record(
        verb,
        found,
        organization_id=found.organization_id,
        actor=actor,
        fields=fields,
        reason=reason,
    )
