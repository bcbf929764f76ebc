"""Quotes that hold: a price for some minutes, with vouchers, rewards and points set aside."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from core.actors import Actor
from core.locking import lock_all
from core.models import Organization
from core.transactions import atomic_part
from loyalty.models import Hold
from loyalty.services.accounts import lock_holders
from loyalty.services.ledger import hold, open_book
from loyalty.services.spending import paying_account
from members.models import Member
from members.queries import everyone_in, survivor
from rewards.models import Quote, QuotedReward, QuotedVoucher, Voucher
from rewards.services.bills import Bill
from rewards.services.promises import as_promised, fingerprint
from rewards.services.redemptions import redeem
from rewards.services.using import rewards_used
from rewards.services.vouchers import refuse_beyond, refuse_ended, refuse_set_aside

LASTS = timedelta(minutes=10)


@atomic_part
def hold_quote(*, bill: Bill, actor: Actor, request_key: str) -> Quote:
    """Promise a price, and set aside what it takes: whatever is not there is refused.

    Raises what spending the points, redeeming the rewards and using the vouchers would.
    """
    now = timezone.now()
    if bill.member is not None:
        lock_holders([bill.member.pk])
    quote = Quote.objects.create(
        organization=_organization(bill),
        member=bill.member,
        store=bill.asked.place.store,
        asked=fingerprint(bill.asked.draft),
        due=bill.due,
        promised=as_promised(bill.priced, bill.draft),
        hold=_points(bill, actor, request_key, now),
        actor=actor.name,
        expires_at=now + LASTS,
    )
    _rewards(quote, bill, actor, request_key)
    _vouchers(quote, bill, now)
    return quote


def _organization(bill: Bill) -> Organization:
    return bill.asked.organization


def _points(bill: Bill, actor: Actor, request_key: str, now: datetime) -> Hold | None:
    paid = bill.draft.paid_in_points
    if paid is None:
        return None
    account_id = paying_account(bill.draft)
    with open_book([account_id], actor=actor) as book:
        return hold(
            book,
            book.living(account_id),
            paid.points,
            request_key=f"{request_key}:hold:1",
            expires_at=now + LASTS,
        )


def _rewards(quote: Quote, bill: Bill, actor: Actor, request_key: str) -> None:
    """Set the rewards aside; they end by themselves when the quote does."""
    for number, reward in enumerate(rewards_used(bill.priced), start=1):
        assert bill.member is not None, "rewards are taken by members"
        redemption = redeem(
            reward_id=reward.pk,
            member_id=bill.member.pk,
            actor=actor,
            request_key=f"{request_key}:reward:{number}",
            store_id=quote.store_id,
            hold_seconds=int(LASTS.total_seconds()),
        )
        QuotedReward.objects.create(quote=quote, redemption=redemption)


def _vouchers(quote: Quote, bill: Bill, now: datetime) -> None:
    """Set a use of each voucher aside that takes something off, asked again under its lock."""
    used = {one.source for one in bill.priced.taken}
    wanted = [one.pk for code, one in bill.priced.wished.vouchers.items() if code in used]
    for voucher in lock_all(Voucher, wanted).values() if wanted else ():
        refuse_ended(voucher, now=now)
        refuse_set_aside(voucher, now=now)
        refuse_beyond(voucher, bill.member, quoted=_quoted_to(bill.member, voucher, now))
        QuotedVoucher.objects.create(quote=quote, voucher=voucher)


def _quoted_to(member: Member | None, voucher: Voucher, now: datetime) -> int:
    """Return how many uses of a voucher the living quotes of a member hold."""
    if member is None:
        return 0
    held = QuotedVoucher.objects.living(now).filter(voucher=voucher)
    return held.filter(quote__member__in=everyone_in(survivor(member))).count()
