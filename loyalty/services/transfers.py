"""Points handed from one member to another, by staff and with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from loyalty.balances import NOTHING
from loyalty.errors import (
    AdjustmentTooLarge,
    InsufficientPoints,
    NothingAdjusted,
    TransferToSelf,
)
from loyalty.models import Entry, Program
from loyalty.queries import balances_in
from loyalty.services.accounts import accounts_for, held_by
from loyalty.services.ledger import Cause, open_book, transfer
from members.errors import MemberBlocked
from members.models import Member, MemberStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """Who hands how many points to whom, in which program, and why."""

    program_id: int
    from_id: int
    to_id: int
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class HandingPreview:
    """What giver and receiver could spend before and after, as things stand."""

    giver: tuple[int, int]
    receiver: tuple[int, int]


def preview_transfer(*, wish: Handing) -> HandingPreview:
    """Say what handing the points over would do, or refuse it as it would be refused."""
    program = _program(wish.program_id, wish.points)
    _refuse_parties(program, wish)
    ends = (wish.program_id, wish.from_id), (wish.program_id, wish.to_id)
    accounts = [held_by(*end) for end in ends]
    if accounts[0] is not None and accounts[0] == accounts[1]:
        raise TransferToSelf
    balances = balances_in(program.organization, ends)
    giver, receiver = (balances.get(end, NOTHING).balance for end in ends)
    if giver < wish.points:
        raise InsufficientPoints(balance=giver, needed=wish.points)
    return HandingPreview((giver, giver - wish.points), (receiver, receiver + wish.points))


@transaction.atomic
def transfer_points(*, wish: Handing, actor: Actor, request_key: str) -> tuple[Entry, Entry]:
    """Hand points from one member to another; each keeps the end it had, and the sum stays.

    Only what can be spent now can be handed on. Returns the entries of giver and receiver.
    """
    program = _program(wish.program_id, wish.points)
    _refuse_parties(program, wish)
    ends = (wish.program_id, wish.from_id), (wish.program_id, wish.to_id)
    holdings = accounts_for(ends)
    giver, receiver = (holdings[end] for end in ends)
    now = timezone.now()
    cause = Cause("transfer", None, f"{request_key}:transfer:1", now, wish.reason)
    with open_book([giver, receiver], actor=actor, now=now) as book:
        giver, receiver = book.living(giver), book.living(receiver)
        if giver == receiver:
            raise TransferToSelf
        entries = transfer(book, giver, receiver, wish.points, cause)
    organization_id = program.organization_id
    for entry in entries:
        audit.record(
            "transfer", entry, organization_id=organization_id, actor=actor, reason=wish.reason
        )
    return entries


def _program(program_id: int, points: int) -> Program:
    """Return the program, unless nobody may hand on so many points alone."""
    if points < 1:
        raise NothingAdjusted
    program = Program.objects.get(pk=program_id)
    most = program.terms.adjustment_points_max
    if points > most:
        raise AdjustmentTooLarge(points_max=most)
    return program


def _refuse_parties(program: Program, wish: Handing) -> None:
    if wish.from_id == wish.to_id:
        raise TransferToSelf
    parties = Member.objects.filter(
        organization_id=program.organization_id, pk__in=[wish.from_id, wish.to_id]
    )
    if [one.status for one in parties] != [MemberStatus.ACTIVE] * 2:
        raise MemberBlocked
