"""What issuing a reward does besides its voucher, by kind, and how that is undone.

``ISSUED`` is called in the transaction that issues the redemption, after its voucher was made;
``UNDONE`` in the one that takes it back, after its voucher was canceled. An ``UNDONE`` that cannot
undo refuses before it writes anything: the redemption then stays, and a grant counts as used.
What history that is brought in had promised is issued as well, but silently: nobody is told of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from rewards.models import Redemption, Reward, Voucher
from rewards.services.draws import enter_from_reward, leave_from_reward
from rewards.services.gift_cards_given import credit_from_reward, take_reward_credit_back


class Effect(Protocol):
    """Something that issuing a redemption does."""

    def __call__(self, *, redemption: Redemption, now: datetime, is_silent: bool) -> Any:
        """Do it, or refuse before anything is written; when it ``is_silent``, tell no events."""


class Undoing(Protocol):
    """Something that undoing a redemption does."""

    def __call__(self, *, redemption: Redemption, now: datetime) -> Any:
        """Do it, or refuse before anything is written."""


ISSUED: dict[str, Effect] = {
    Reward.Kind.GIFT_CARD: credit_from_reward,
    Reward.Kind.DRAW_TICKET: enter_from_reward,
}
UNDONE: dict[str, Undoing] = {
    Reward.Kind.GIFT_CARD: take_reward_credit_back,
    Reward.Kind.DRAW_TICKET: leave_from_reward,
}


def take_effect(redemption: Redemption, now: datetime, *, is_silent: bool = False) -> None:
    """Do what issuing this kind of reward does."""
    effect = ISSUED.get(redemption.promised["type"])
    if effect is not None:
        effect(redemption=redemption, now=now, is_silent=is_silent)


def undo_effect(redemption: Redemption, now: datetime) -> bool:
    """Undo it and say whether nothing of it is left; raises what the effect refuses with."""
    effect = UNDONE.get(redemption.promised["type"])
    return effect is None or effect(redemption=redemption, now=now) is not False


def is_had_already(voucher: Voucher) -> bool:
    """Say whether the member has what the voucher is for, so that nothing is left to hand over."""
    return voucher.redemption is not None and voucher.redemption.promised["type"] in ISSUED
