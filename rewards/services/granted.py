"""Vouchers that loyalty promised: issued with their grant, and worthless when it is taken back.

What was promised is given even when the reward has ended or is sold out meanwhile; the number on
a reward says how many can be had for points, and a grant takes none of those, nor a number of a
limited edition. One of several cannot be promised: nobody is there to choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from core.bulk import insert_many, update_rows
from core.errors import Refusal
from core.locking import lock_all
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Account, Grant, Program
from rewards.models import Redemption, Reward, Voucher, snapshot_of
from rewards.services.issuing import take_effect, undo_effect
from rewards.services.vouchers import valid_until
from rewards.voucher_codes import make

CANCELABLE = (Voucher.Status.ISSUED, Voucher.Status.EXPIRED)


def issue_granted(grants: Sequence[Grant], *, is_silent: bool) -> None:
    """Give these grants their vouchers, in the transaction that gave the grants."""
    promised = [grant for grant in grants if grant.kind == Grant.Kind.VOUCHER]
    if not promised:
        return
    programs = _programs_of(promised)
    rewards = _rewards_of(promised, programs)
    redemptions = [
        _redemption(grant, rewards[programs[grant.account_id].pk, grant.target])
        for grant in promised
        if (programs[grant.account_id].pk, grant.target) in rewards
    ]
    insert_many(redemptions)
    vouchers = [_voucher(redemption) for redemption in redemptions]
    insert_many(vouchers)
    for voucher in vouchers:
        assert voucher.redemption is not None, "what is granted is redeemed"
        take_effect(voucher.redemption, voucher.issued_at, is_silent=is_silent)
    if not is_silent:
        tell(_told("voucher.issued", voucher) for voucher in vouchers)


def withdraw_granted(grants: Sequence[Grant]) -> set[int]:
    """Cancel the vouchers of grants that are taken back; return the grants that were used."""
    known = Voucher.objects.filter(redemption__grant__in=[grant.pk for grant in grants])
    vouchers = lock_all(Voucher, known.values_list("pk", flat=True), "redemption__organization")
    now = timezone.now()
    unused = [
        voucher
        for voucher in vouchers.values()
        if voucher.status in CANCELABLE and _is_undone(voucher, now)
    ]
    update_rows(
        "rewards_voucher",
        {"status": "text"},
        [(voucher.pk, Voucher.Status.CANCELED.value) for voucher in unused],
    )
    update_rows(
        "rewards_redemption",
        {"status": "text", "ended_at": "timestamptz"},
        [(one.redemption_id, Redemption.Status.CANCELED.value, now) for one in unused],
    )
    tell(_told("voucher.canceled", voucher) for voucher in unused)
    gone = {one.pk for one in unused}
    used = [
        one
        for one in vouchers.values()
        if one.pk not in gone and one.status in (*CANCELABLE, Voucher.Status.USED)
    ]
    return {one.redemption.grant_id or 0 for one in used if one.redemption}


def _is_undone(voucher: Voucher, now: datetime) -> bool:
    """Undo what issuing did; say no where it cannot be undone any more, as if it were used."""
    assert voucher.redemption is not None, "what is granted is redeemed"
    try:
        with transaction.atomic():  # what refuses undoes nothing, and the rest goes on
            return undo_effect(voucher.redemption, now)
    except Refusal:
        return False


def _programs_of(grants: Sequence[Grant]) -> dict[int, Program]:
    ids = {grant.account_id for grant in grants}
    accounts = Account.objects.filter(pk__in=ids).select_related("program__organization")
    return {account.pk: account.program for account in accounts}


def _rewards_of(
    grants: Sequence[Grant], programs: dict[int, Program]
) -> dict[tuple[int, str], Reward]:
    rewards = Reward.objects.filter(
        program__in={program.pk for program in programs.values()},
        code__in={grant.target for grant in grants},
    )
    return {
        (reward.program_id, reward.code): reward
        for reward in rewards.select_related("program__organization")
    }


def _redemption(grant: Grant, reward: Reward) -> Redemption:
    return Redemption(
        **snapshot_of(reward),
        organization=reward.program.organization,
        public_id=uuid4(),
        reward=reward,
        account_id=grant.account_id,
        member_id=grant.member_id,
        points=0,
        status=Redemption.Status.ISSUED,
        grant=grant,
        actor=grant.actor,
    )


def _voucher(redemption: Redemption) -> Voucher:
    assert redemption.grant is not None, "what is granted has its grant"
    given_at = redemption.grant.given_at
    return Voucher(
        organization=redemption.organization,
        public_id=uuid4(),
        reward=redemption.reward,
        redemption=redemption,
        code=make(),
        issued_at=given_at,
        valid_until=valid_until(redemption, given_at),
    )


def _told(kind: str, voucher: Voucher) -> OutboxEvent:
    assert voucher.redemption is not None, "what is granted is redeemed"
    payload = {
        "voucher": str(voucher.public_id),
        "redemption": str(voucher.redemption.public_id),
    }
    return event(kind, voucher, organization_id=voucher.organization_id, payload=payload)
