"""Vouchers that were used on a purchase of which everything came back."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from core.actors import Actor
from loyalty.models import Purchase
from loyalty.queries import is_all_back
from rewards.errors import VoucherCanceled, VoucherNotUsed
from rewards.models import Voucher, VoucherUse
from rewards.services.vouchers import release_use
from rewards.voucher_codes import grouped


@transaction.atomic
def give_uses_back(*, purchase_id: int, actor: Actor) -> list[str]:
    """Let go of the vouchers used on a purchase once all of it is back; tell each in a sentence.

    The program of what a voucher is for says whether; one that was canceled stays so. While a part
    of the purchase is kept, its vouchers stay used, and what was paid for the rest is refunded.
    """
    live = VoucherUse.objects.filter(
        purchase=purchase_id, released_at=None, amount__isnull=False
    ).exclude(voucher__status=Voucher.Status.CANCELED)
    uses = list(live.select_related("voucher__reward__program").order_by("voucher"))
    if not uses:
        return []
    all_back = is_all_back(Purchase.objects.get(pk=purchase_id))
    return [_told(use, _AGAIN if all_back and _let_go(use, actor) else _STAYS) for use in uses]


def _let_go(use: VoucherUse, actor: Actor) -> bool:
    """Make the voucher good again, if its program does; somebody may have been faster."""
    if use.voucher.reward.program.terms.vouchers_on_return != "released":
        return False
    try:
        release_use(use_id=use.pk, actor=actor)
    except (VoucherCanceled, VoucherNotUsed):
        return False
    return True


_AGAIN, _STAYS = "again", "stays"


def _told(use: VoucherUse, what: str) -> str:
    values = {"code": grouped(use.voucher.code), "name": use.voucher.reward.name}
    if what == _AGAIN:
        return _("Voucher %(code)s for %(name)s can be used again.") % values
    return _("Voucher %(code)s for %(name)s stays used.") % values
