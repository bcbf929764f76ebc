"""What rewards do when loyalty promises, gives or takes back something of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from core.actors import SYSTEM
from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.gifts import AnyGift, VoucherGift
from loyalty.models import Grant, Program
from loyalty.services.sold import Returned
from loyalty.signals import (
    gifts_promised,
    grants_given,
    grants_withdrawn,
    purchase_returned,
    rule_activating,
)
from rewards.services import gift_returns
from rewards.services.draws import enter_granted, leave_granted
from rewards.services.granted import issue_granted, withdraw_granted
from rewards.services.promising import refuse_unknown_draw, refuse_unknown_rewards
from rewards.services.uses_back import give_uses_back


@receiver(rule_activating)
def look_at_rule(spec: RuleVersionSpec, program: Program, **_: Any) -> None:
    """Refuse a rule that would give what there is not."""
    goal = spec.effect.goal
    if goal.unit is Unit.VOUCHERS:
        refuse_unknown_rewards(program, [goal.target])
    elif goal.unit is Unit.TICKETS:
        refuse_unknown_draw(program, goal.target)


@receiver(gifts_promised)
def look_at_gifts(gifts: Sequence[AnyGift], program: Program, **_: Any) -> None:
    """Refuse a promise of a reward that there is not."""
    refuse_unknown_rewards(program, [one.reward for one in gifts if isinstance(one, VoucherGift)])


@receiver(grants_given)
def fulfill(grants: Sequence[Grant], *, is_silent: bool = False, **_: Any) -> None:
    """Issue what was granted."""
    issue_granted(grants, is_silent=is_silent)
    enter_granted(grants, is_silent=is_silent)


@receiver(grants_withdrawn)
def undo(grants: Sequence[Grant], **_: Any) -> set[int]:
    """Take back what was granted and nobody used; name what was used."""
    return withdraw_granted(grants) | leave_granted(grants)


@receiver(purchase_returned)
def look_at_vouchers(done: Returned, **_: Any) -> None:
    """Make vouchers good again that were used on what came back whole."""
    if done.row.purchase_id is not None:
        done.also.extend(give_uses_back(purchase_id=done.row.purchase_id, actor=SYSTEM))


@receiver(purchase_returned)
def put_back_on_gift_cards(done: Returned, **_: Any) -> None:
    """Put back what gift cards had paid of what came back, and take back those that were sold."""
    gift_returns.give_back(done)
