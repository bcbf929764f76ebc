"""What the till shows of a voucher whose code was typed or scanned, and of a use of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.earning.wording import Wording
from members.models import Member, MemberStatus
from members.queries import MaskedMember, masked, survivor
from rewards.kind_words import kind_worth, number_in_edition
from rewards.models import Voucher, VoucherUse
from rewards.queries import last_day
from rewards.services.voucher_reading import LIMIT_REACHED, NOT_YET, PAUSED, standing
from rewards.services.wishes import takes_off
from rewards.till_page import dotted
from rewards.voucher_codes import grouped

RESTING: dict[str, str | Promise] = {
    PAUSED: _("Paused"),
    NOT_YET: _("Not valid yet"),
    LIMIT_REACHED: _("Used by this member"),
}


@dataclass(frozen=True, slots=True)
class VoucherPanel:
    """What a voucher is for, whose it is, and whether it can still be used.

    ``is_held`` says that somebody paid for it or was given it; ``asks_member`` that nobody can use
    it who is not named.
    """

    name: str
    worth: str
    terms: str
    code: str
    member: MaskedMember | None
    state: str
    label: str
    valid_until: date | None
    used_at: datetime | None
    used_in: str
    price_money: Decimal | None = None
    number: str = ""
    is_held: bool = True
    asks_member: bool = False
    valid_from: datetime | None = None

    @property
    def can_be_used(self) -> bool:
        """Say whether the member may have what it is for."""
        is_blocked = self.member is not None and self.member.is_blocked
        is_asked = self.asks_member and self.member is None
        return self.state == Voucher.Status.ISSUED and not is_blocked and not is_asked


@dataclass(frozen=True, slots=True)
class UsedPanel:
    """What was handed over for a voucher, until somebody takes that back."""

    name: str
    worth: str
    code: str
    at: datetime
    is_taken_back: bool


def voucher_panel(
    organization: Organization, voucher: Voucher, *, now: datetime, member: Member | None = None
) -> VoucherPanel:
    """Return a voucher as the cashier may see it, who may not know its member yet."""
    state = standing(voucher, now=now, member=member)
    taken = voucher.redemption
    promise = taken.promise if taken else voucher.reward.promise
    return VoucherPanel(
        name=taken.name if taken else voucher.reward.name,
        worth=kind_worth(promise, Wording.for_reader(organization.currency)),
        terms=taken.terms if taken else voucher.reward.terms,
        code=grouped(voucher.code),
        member=_holder(voucher, member),
        state=state,
        label=str(RESTING[state] if state in RESTING else Voucher.Status(state).label),
        valid_until=last_day(voucher, organization),
        used_at=voucher.used_at,
        used_in=str(voucher.used_in or ""),
        price_money=taken.price_money if taken else voucher.reward.price_money,
        number=number_in_edition(taken.serial, taken.serial_of) if taken else "",
        is_held=voucher.redemption_id is not None,
        asks_member=voucher.per_member_max is not None,
        valid_from=voucher.valid_from if state == NOT_YET else None,
    )


def used_panel(organization: Organization, voucher: Voucher, use: VoucherUse) -> UsedPanel:
    """Return one use of a voucher as it stands now."""
    taken = voucher.redemption
    promise = taken.promise if taken else voucher.reward.promise
    return UsedPanel(
        name=taken.name if taken else voucher.reward.name,
        worth=kind_worth(promise, Wording.for_reader(organization.currency)),
        code=grouped(voucher.code),
        at=use.used_at,
        is_taken_back=use.released_at is not None,
    )


def joins_ring_up(voucher: Voucher, *, now: datetime) -> bool:
    """Say whether a voucher takes something off what is rung up, and can be used for it now."""
    owner = survivor(voucher.redemption.member) if voucher.redemption else None
    is_blocked = owner is not None and owner.status != MemberStatus.ACTIVE
    is_usable = standing(voucher, now=now) == Voucher.Status.ISSUED and not is_blocked
    return is_usable and takes_off(voucher)


def _holder(voucher: Voucher, member: Member | None) -> MaskedMember | None:
    """Return whose voucher it is, or who is about to use one that belongs to nobody."""
    holder = voucher.redemption.member if voucher.redemption else member
    if holder is None:
        return None
    [shown] = masked([survivor(holder)])
    return replace(shown, card=dotted(shown.card))
