"""What may be promised: for a rule, a full card, a tier, a challenge or a draw."""

from __future__ import annotations

from collections.abc import Iterable

from loyalty.models import Program
from rewards import kinds
from rewards.draw_errors import DrawNotOpen
from rewards.errors import NoSuchDraw, RewardNotOffered
from rewards.models import Draw, Reward

TAKING = (Draw.Status.DRAFT, Draw.Status.OPEN)


def refuse_unknown_rewards(program: Program, codes: Iterable[str]) -> None:
    """Refuse to promise rewards that the program does not offer, or tickets that nobody takes."""
    wanted = set(codes)
    offered = Reward.objects.givable().filter(
        program=program, code__in=wanted, status=Reward.Status.ACTIVE
    )
    found = {reward.code: reward.promise for reward in offered}
    missing = sorted(wanted - found.keys())
    if missing:
        raise RewardNotOffered(reward=missing[0])
    for _code, promise in sorted(found.items()):
        if isinstance(promise, kinds.DrawTicket):
            refuse_unknown_draw(program, promise.draw)


def refuse_unknown_draw(program: Program, code: str) -> None:
    """Refuse to promise tickets for a draw that there is not, or that takes none any more."""
    draw = Draw.objects.filter(program=program, code=code).first()
    if draw is None:
        raise NoSuchDraw(draw=code)
    if draw.status not in TAKING:
        raise DrawNotOpen(draw=code)
