"""What is told of a redemption: its price, what shows it, and what it opens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.days import start_of_day
from loyalty.queries import balance_of, carrying_on
from rewards.answers import moment, money
from rewards.kinds import Access
from rewards.models import Redemption, Reward, Voucher
from rewards.queries import code_shown, voucher_on

OPENS = (Voucher.Status.ISSUED, Voucher.Status.USED)


def redemption_answer(redemption: Redemption) -> dict[str, Any]:
    """Say what was taken, what shows it at the counter, and what the member can spend now."""
    voucher = voucher_on(redemption)
    return {
        "id": str(redemption.public_id),
        "status": redemption.status,
        "reward": str(redemption.reward.public_id),
        "chosen_from": str(redemption.chosen_from.public_id) if redemption.chosen_from else None,
        "name": redemption.name,
        "member": str(redemption.member.public_id),
        "points": redemption.points,
        "price_money": None if redemption.price_money is None else money(redemption.price_money),
        "serial": _serial(redemption),
        "access": _access(voucher),
        "balance": balance_of(carrying_on(redemption.account)).balance,
        "voucher": voucher and code_shown(voucher),
        "expires_at": _ends(redemption, voucher),
    }


def access_on(voucher: Voucher) -> Access | None:
    """Return what opens the closed resource that a voucher is for, as long as it is good."""
    if voucher.redemption is None or voucher.status not in OPENS:
        return None
    is_over = voucher.valid_until is not None and voucher.valid_until <= timezone.now()
    promise = voucher.redemption.promise
    return promise if isinstance(promise, Access) and not is_over else None


def end_of_offer(reward: Reward) -> datetime | None:
    """Return from when on a reward is no longer offered: the end of its last day there."""
    if reward.ends_on is None:
        return None
    return start_of_day(reward.ends_on + timedelta(days=1), reward.program.organization.zone)


def _serial(redemption: Redemption) -> dict[str, Any] | None:
    if redemption.serial is None:
        return None
    return {"number": redemption.serial, "of": redemption.serial_of}


def _access(voucher: Voucher | None) -> dict[str, Any] | None:
    opened = access_on(voucher) if voucher is not None else None
    return None if opened is None else {"link": opened.link, "code": opened.access_code}


def _ends(redemption: Redemption, voucher: Voucher | None) -> str | None:
    """Return when the points go back, or from when on the voucher is worth nothing."""
    if redemption.hold is not None and redemption.status == Redemption.Status.HELD:
        return moment(redemption.hold.expires_at)
    if voucher is None or voucher.status != Voucher.Status.ISSUED or voucher.valid_until is None:
        return None
    return moment(voucher.valid_until)
