"""What stands on one piece of paper: what the voucher is for, and how people and tills read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.days import local_day
from core.models import Organization
from members.card_images import bars
from rewards.models import Voucher
from rewards.queries import last_day, worth
from rewards.voucher_codes import grouped, image


@dataclass(frozen=True, slots=True)
class Slip:
    """One voucher on paper. ``picture`` is a data: address; nothing is fetched from anywhere."""

    shop: str
    reward: str
    worth: str
    description: str
    terms: str
    code: str
    qr: str
    bars: str
    first_day: date | None
    last_day: date | None
    picture: str = ""


def slip_of(voucher: Voucher, organization: Organization, *, picture: str = "") -> Slip:
    """Return what is printed of a voucher."""
    reward, first = voucher.reward, voucher.valid_from
    takes_off = worth(reward, organization.currency)
    return Slip(
        shop=organization.name,
        reward=reward.name,
        worth="" if takes_off == reward.name else takes_off,
        description=reward.description,
        terms=reward.terms,
        code=grouped(voucher.code),
        qr=image(voucher.code),
        bars=bars(voucher.code),
        first_day=local_day(first, organization.zone) if first else None,
        last_day=last_day(voucher, organization),
        picture=picture,
    )
