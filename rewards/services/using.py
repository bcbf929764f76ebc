"""Uses up what took something off a receipt, in the transaction that records it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.actors import Actor
from loyalty.lots import refuse_short
from loyalty.models import Purchase
from loyalty.receipts import ReceiptDraft
from members.models import Member
from rewards.discounts.sources import SourceKind
from rewards.discounts.told import TakenOff, lines_as_json, why_as_json
from rewards.models import PurchaseDiscount, Quote, Reward, Voucher, VoucherUse
from rewards.services.redemptions import capture_redemption, redeem
from rewards.services.uses_back import give_uses_back
from rewards.services.vouchers import Use, use_voucher
from rewards.services.wishes import about_vouchers, points_for

if TYPE_CHECKING:
    from rewards.services.discounting import Priced


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who records a receipt for whom, under which request."""

    actor: Actor
    member: Member | None
    request_key: str
    quote_id: int | None = None


def refuse_unaffordable(priced: Priced, draft: ReceiptDraft, member: Member | None) -> None:
    """Refuse rewards and points to pay with that together cost more than the member has.

    What the receipt itself earns is not there yet. Raises ``InsufficientPoints`` or ``PointsHeld``.
    """
    rewards = rewards_used(priced)
    if member is None or not rewards:
        return
    paid, wish = draft.paid_in_points, draft.points_wish
    for program_id, (needed, balance, held) in points_for(rewards, member).items():
        more = paid.points if paid and wish and wish.program_id == program_id else 0
        refuse_short(needed + more, balance=balance, held=held)


def use_up(priced: Priced, purchase: Purchase, desk: Desk) -> list[TakenOff]:
    """Write down what was taken off a purchase; redeem the rewards and use the vouchers it took.

    Raises what ``redeem`` and ``use_voucher`` do, asked under the locks: then nothing is recorded.
    """
    if desk.quote_id is not None:
        Quote.objects.filter(pk=desk.quote_id).update(purchase=purchase)
    discounts = priced.taken
    if not discounts:
        return []
    vouchers = dict(priced.wished.vouchers) | _redeemed(priced, purchase, desk)
    uses = _uses(discounts, vouchers, purchase, desk)
    PurchaseDiscount.objects.bulk_create(
        _row(one, purchase, priced, uses.get(one.source)) for one in discounts
    )
    if uses:  # everything may have come back before the purchase was known
        give_uses_back(purchase_id=purchase.pk, actor=desk.actor)
    return PurchaseDiscount.objects.told_of(purchase)


def rewards_used(priced: Priced) -> list[Reward]:
    """Return the rewards that are to be redeemed, because they take something off."""
    used = {one.source for one in priced.taken}
    rewards = [reward for key, reward in priced.wished.rewards.items() if key in used]
    return sorted(rewards, key=lambda reward: reward.pk)


def _redeemed(priced: Priced, purchase: Purchase, desk: Desk) -> dict[str, Voucher]:
    """Take the rewards for their points; return the vouchers issued for them."""
    issued: dict[str, Voucher] = {}
    for number, reward in enumerate(rewards_used(priced), start=1):
        assert desk.member is not None, "rewards are taken by members"
        key, request_key = str(reward.public_id), f"{desk.request_key}:reward:{number}"
        if key in priced.held:
            redemption = capture_redemption(
                redemption_id=priced.held[key], actor=desk.actor, request_key=request_key
            )
        else:
            redemption = redeem(
                reward_id=reward.pk,
                member_id=desk.member.pk,
                actor=desk.actor,
                request_key=request_key,
                store_id=purchase.store_id,
            )
        issued[key] = redemption.voucher
    return issued


def _uses(
    discounts: Iterable[TakenOff], vouchers: dict[str, Voucher], purchase: Purchase, desk: Desk
) -> dict[str, VoucherUse]:
    """Use the vouchers, lowest id first; return their uses by the key of the source."""
    amounts = {one.source: one.amount for one in discounts if one.kind == SourceKind.VOUCHER}
    in_order = sorted(amounts, key=lambda key: vouchers[key].pk)
    for number, key in enumerate(in_order, start=1):
        use = Use(
            request_key=f"{desk.request_key}:voucher:{number}",
            member_id=desk.member.pk if desk.member else None,
            store_id=purchase.store_id,
            purchase_id=purchase.pk,
            amount=amounts[key],
        )
        with about_vouchers():
            use_voucher(voucher_id=vouchers[key].pk, use=use, actor=desk.actor)
    if not in_order:
        return {}
    live = VoucherUse.objects.filter(purchase=purchase, released_at=None)
    by_voucher = {use.voucher_id: use for use in live}
    return {key: by_voucher[vouchers[key].pk] for key in in_order}


def _row(
    one: TakenOff, purchase: Purchase, priced: Priced, use: VoucherUse | None
) -> PurchaseDiscount:
    is_benefit = one.kind == SourceKind.BENEFIT
    return PurchaseDiscount(
        purchase=purchase,
        source=str(one.kind),
        benefit_version_id=priced.versions[one.source] if is_benefit else None,
        tier=one.source if one.kind == SourceKind.TIER else "",
        voucher_use=use,
        name=one.name,
        amount=one.amount,
        lines=lines_as_json(one.lines),
        why=why_as_json(one.why),
    )
