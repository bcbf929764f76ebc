"""Makes registers, and ties each to the one device it lives on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core.actors import staff_actor
from core.audit import record
from core.codes import next_number
from core.errors import RegisterRetired
from core.locking import lock_one
from core.models import Device, Register, RegisterSession, Store


@transaction.atomic
def add_register(*, store_id: int, staff_id: int) -> Register:
    """Make one more register in a store, numbered on from the others."""
    store = lock_one(Store, store_id)
    register = Register.objects.create(
        organization_id=store.organization_id,
        store=store,
        code=next_number(store.registers.values_list("code", flat=True)),
    )
    record("added", register, organization_id=store.organization_id, actor=staff_actor(staff_id))
    return register


@transaction.atomic
def enroll_device(*, register_id: int, staff_id: int) -> Device:
    """Let a new device be the register; the device that was it before stops."""
    register = lock_one(Register, register_id)
    if not register.is_active:
        raise RegisterRetired
    _release(register)
    device = Device.objects.create(register=register, enrolled_by_id=staff_id)
    record(
        "enrolled", device, organization_id=register.organization_id, actor=staff_actor(staff_id)
    )
    return device


@transaction.atomic
def release_device(*, register_id: int, staff_id: int) -> Register:
    """Stop the device that is this register, for instance because it was lost."""
    register = lock_one(Register, register_id)
    if _release(register):
        record(
            "released",
            register,
            organization_id=register.organization_id,
            actor=staff_actor(staff_id),
        )
    return register


@transaction.atomic
def retire_register(*, register_id: int, staff_id: int) -> Register:
    """Take a register out of use, with the device it lives on; its receipts stay."""
    register = lock_one(Register, register_id)
    if not register.is_active:
        return register
    _release(register)
    register.is_active = False
    register.save(update_fields=["is_active"])
    record(
        "retired",
        register,
        organization_id=register.organization_id,
        actor=staff_actor(staff_id),
        fields=["is_active"],
    )
    return register


def _release(register: Register) -> bool:
    """End the register's device and session, and say whether there was a device."""
    now = timezone.now()
    RegisterSession.objects.filter(register=register, ended_at__isnull=True).update(ended_at=now)
    live = Device.objects.filter(register=register, revoked_at__isnull=True)
    return live.update(revoked_at=now) > 0
