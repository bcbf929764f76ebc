"""Locks of draws that one request reaches by several ways, taken at once and in their order.

A purchase may give tickets by its rules, by a card that is full and by a reward that is a ticket;
who locked each draw when its turn comes would meet others that come to them in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model, Q, QuerySet

from core.locking import lock_all, lock_rows
from loyalty.models import Account, Grant, Program
from rewards.models import Draw, DrawResult, DrawTicket, GiftCard, Redemption, Reward, Voucher
from rewards.services.gift_cards_given import cards_given_for


def lock_to_give(grants: Sequence[Grant], rewards: Iterable[Reward] = ()) -> None:
    """Lock the draws that these grants give tickets of, before any of them is fulfilled.

    ``rewards`` are those that the grants promise: some of them may be tickets too.
    """
    codes = {grant.target for grant in grants if grant.kind == Grant.Kind.TICKET}
    codes |= _tickets_among(rewards)
    if codes:
        _lock(Draw, _reached(_programs_of(grants), codes))


def lock_to_take_back(grants: Sequence[Grant], *, draws: Iterable[int] = ()) -> None:
    """Lock what was given for these grants: vouchers, gift cards, draws; and these draws too."""
    pks = [grant.pk for grant in grants]
    redemptions = Redemption.objects.filter(grant__in=pks)
    vouchers = Voucher.objects.filter(redemption__grant__in=pks)
    _lock(Voucher, set(vouchers.values_list("pk", flat=True)))
    _lock(GiftCard, cards_given_for(redemptions))
    tickets = DrawTicket.objects.filter(canceled_at=None)
    tickets = tickets.filter(Q(grant__in=pks) | Q(redemption__grant__in=pks))
    left = set(tickets.values_list("draw", flat=True))
    _lock(Draw, {*draws, *left, *(_open(_programs_of(grants)) if left else ())})


def lock_to_draw(found: Draw) -> Draw:
    """Lock a draw, with the draws that its prizes are tickets of, and return it fresh."""
    prizes = {prize["reward"] for prize in found.prizes}
    return lock_all(Draw, {found.pk, *_behind(found, prizes)}, "program")[found.pk]


def lock_to_pass_on(result: DrawResult, grant: Grant) -> None:
    """Lock what a winner was given, and the draws that whoever comes next may get tickets of."""
    lock_to_take_back([grant], draws={result.draw_id, *_behind(result.draw, {result.gets})})


def _lock(model: type[Model], pks: set[int]) -> None:
    if pks:
        lock_rows(model, pks)


def _behind(found: Draw, prizes: set[str]) -> set[int]:
    """Return the draws that some prizes of a draw are tickets of, and those that come with them."""
    program = Program.objects.filter(pk=found.program_id)
    return _reached(
        program, _tickets_among(Reward.objects.filter(program__in=program, code__in=prizes))
    )


def _tickets_among(rewards: Iterable[Reward]) -> set[str]:
    """Return the codes of the draws that some of these rewards are tickets of."""
    tickets = (one for one in rewards if one.kind == Reward.Kind.DRAW_TICKET)
    return {one.details["draw"] for one in tickets}


def _programs_of(grants: Iterable[Grant]) -> QuerySet[Program]:
    accounts = Account.objects.filter(pk__in={grant.account_id for grant in grants})
    return Program.objects.filter(pk__in=accounts.values("program"))


def _reached(programs: QuerySet[Program], codes: set[str]) -> set[int]:
    """Return the draws of these codes; where there is one, all open draws come with it.

    What the request gives next finds them locked.
    """
    if not codes:
        return set()
    known = Draw.objects.filter(program__in=programs, code__in=codes)
    return {*known.values_list("pk", flat=True), *_open(programs)}


def _open(programs: QuerySet[Program]) -> set[int]:
    draws = Draw.objects.filter(program__in=programs, status=Draw.Status.OPEN)
    return set(draws.values_list("pk", flat=True))
