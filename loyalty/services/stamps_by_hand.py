"""Stamps that somebody in charge gives or takes, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.days import local_day, start_of_day
from core.errors import Missing
from core.outbox import tell
from loyalty.errors import (
    NothingAdjusted,
    StampCardRests,
    StampsInsufficient,
    StampsLimitExceeded,
)
from loyalty.models import Program, StampCard, StampMove
from loyalty.services.accounts import accounts_for
from loyalty.services.adjustments import lock_actor
from loyalty.services.ledger import Book, open_book
from loyalty.services.rulebook import STAMP_CARDS, DatedPart, rulebooks
from loyalty.services.stamp_gifts import Reached, Undoing, give_for
from loyalty.services.stamp_strips import Key, Strips, Why, read_strips, spec_of
from loyalty.services.stamps import stamp_events
from loyalty.stamps.fold import Move
from members.errors import MemberClosed
from members.models import Member

BY_HAND = StampMove.Cause.MANUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class StampWish:
    """How many stamps somebody is to be given on which card, or to lose when negative, and why."""

    card_id: int
    member_id: int
    stamps: int
    reason: str


@transaction.atomic
def move_stamps(*, wish: StampWish, actor: Actor, request_key: str) -> StampMove:
    """Give or take stamps by hand; what a full card gives is given as ever.

    Never more are taken than lie on the open card, and never more are given to a member in a day
    than fill one. Nothing of it puts off the day on which the card lapses.
    """
    card, part = _card(wish)
    lock_actor(actor)
    holding = card.program_id, wish.member_id
    held = accounts_for([holding])[holding]
    with open_book([held], actor=actor) as book:
        account = book.accounts[book.living(held)]
        strips = read_strips([account], [card.pk], actor=actor, now=book.now)
        _refuse_too_many(book, strips, (account.pk, card.pk), part, wish)
        move = _move(book, strips, (account.pk, card.pk), part, wish, request_key)
    audit.record(
        "gave_stamps" if wish.stamps > 0 else "took_stamps",
        account,
        organization_id=account.program.organization_id,
        actor=actor,
        fields=["stamps"],
        reason=wish.reason,
    )
    return move


def _card(wish: StampWish) -> tuple[StampCard, DatedPart]:
    """Return the card and what it says now; refuse one that takes no stamps, or nobody's."""
    if not wish.stamps:
        raise NothingAdjusted
    if not Member.objects.get(pk=wish.member_id).is_open:
        raise MemberClosed
    card = StampCard.objects.filter(pk=wish.card_id).first()
    if card is None:
        raise Missing
    [rules] = rulebooks(Program.objects.filter(pk=card.program_id))
    part = next(
        (one for one in rules.parts_at(STAMP_CARDS, timezone.now()) if one.key == card.pk), None
    )
    if part is None:
        raise StampCardRests
    return card, part


def _refuse_too_many(
    book: Book, strips: Strips, key: Key, part: DatedPart, wish: StampWish
) -> None:
    if wish.stamps < 0:
        sheet = strips.by_key[key].open_at(book.now)
        if sheet is None or sheet.stamps < -wish.stamps:
            raise StampsInsufficient
        return
    zone = book.accounts[key[0]].program.organization.zone
    today = start_of_day(local_day(book.now, zone), zone)
    given = StampMove.objects.filter(
        account=key[0], card=key[1], cause=BY_HAND, stamps__gt=0, created_at__gte=today
    )
    so_far = given.aggregate(stamps=Sum("stamps"))["stamps"] or 0
    if so_far + wish.stamps > spec_of(part.version_key).size:
        raise StampsLimitExceeded


def _move(
    book: Book, strips: Strips, key: Key, part: DatedPart, wish: StampWish, request_key: str
) -> StampMove:
    why = Why(BY_HAND, None, request_key, wish.reason)
    move = Move(stamps=wish.stamps, at=book.now, version=part.version_key, keeps_alive=False)
    step = strips.move(key, move, why)
    if wish.stamps > 0:
        give_for(book, strips, [Reached(step, wish.member_id)])
    else:
        Undoing(book, strips, key, why).take_left(step.places)
        strips.store()
    tell(stamp_events(book, strips, step, part.code))
    return step.row
