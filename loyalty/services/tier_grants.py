"""Gives members a tier whatever they have earned, and ends what was given: always with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core import audit
from core.actors import Actor
from core.errors import Missing
from loyalty.errors import TierAlreadyEnded, TierUnknown
from loyalty.models import Account, Program, TierChange, TierGrant
from loyalty.services.accounts import accounts_for
from loyalty.services.ledger import Book, open_book
from loyalty.services.rulebook import rulebooks
from loyalty.services.tier_entries import Entering, give_on_entry
from loyalty.services.tier_memberships import ended, granted
from loyalty.services.tier_states import Seen, ladders_of, see, store, tell_of
from members.errors import MemberClosed
from members.models import Member

BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierGift:
    """Whom somebody wants to give which tier in which program, until when, and why."""

    program_id: int
    member_id: int
    tier: str
    until: datetime | None
    reason: str


@transaction.atomic
def give_tier(*, gift: TierGift, actor: Actor, request_key: str) -> TierGrant:
    """Give a member a tier, for good or until a moment; what they earn goes on beside it.

    Raises ``TierUnknown`` or ``MemberClosed``.
    """
    if not Member.objects.get(pk=gift.member_id).is_open:
        raise MemberClosed
    holding = (gift.program_id, gift.member_id)
    account_id = accounts_for([holding])[holding]
    with open_book([account_id], actor=actor) as book:
        one = _seen(book, book.living(account_id))
        ladder = one.ladders.at(book.now)
        if ladder is None or gift.tier not in ladder.ranks:
            raise TierUnknown
        before = one.held(book.now)
        grant = _grant(book, one.account, gift, request_key)
        change = granted(grant, gift.tier, book)
        one.changes.append(change)
        one.grants.append(grant)
        store([one], actor=actor.name)
        entering = Entering(gift.member_id, request_key, before)
        give_on_entry(book, [change], {one.account.pk: entering})
        _tell(one.account, change)
    _record("tier_given", grant, actor, gift.reason)
    return grant


@transaction.atomic
def end_tier(*, grant_id: int, reason: str, actor: Actor) -> TierGrant:
    """End a tier that was given; what its holder earned themselves stays."""
    grant = TierGrant.objects.filter(pk=grant_id).first()
    if grant is None:
        raise Missing
    with open_book([grant.account_id], actor=actor, to_earn=True) as book:
        grant = TierGrant.objects.select_related("account__program").get(pk=grant_id)
        if not grant.is_live(book.now) and grant.begins_at <= book.now:
            raise TierAlreadyEnded
        grant.ended_at = book.now
        grant.save(update_fields=["ended_at"])
        change = ended(grant, book.now, actor.name, cause=BY_HAND, cause_id=grant.pk)
        change.details = {"reason": reason}
        change.save()
        _tell(grant.account, change)
    _record("tier_ended", grant, actor, reason)
    return grant


def _seen(book: Book, account_id: int) -> Seen:
    account = book.accounts[account_id]
    [rules] = rulebooks(Program.objects.filter(pk=account.program_id))
    ladders = ladders_of(rules)
    if ladders is None:
        raise TierUnknown
    return see([account], {account.program_id: ladders}, book.now)[account_id]


def _grant(book: Book, account: Account, gift: TierGift, request_key: str) -> TierGrant:
    return TierGrant.objects.create(
        account=account,
        tier=gift.tier,
        begins_at=book.now,
        ends_at=gift.until,
        cause=BY_HAND,
        reason=gift.reason,
        request_key=f"{request_key}:tier:1",
        actor=book.actor.name,
    )


def _tell(account: Account, change: TierChange) -> None:
    tell_of([change], account.program.organization_id)


def _record(verb: str, grant: TierGrant, actor: Actor, reason: str) -> None:
    organization_id = grant.account.program.organization_id
    audit.record(verb, grant.account, organization_id=organization_id, actor=actor, reason=reason)
