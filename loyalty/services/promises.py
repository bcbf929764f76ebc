"""What a rule may promise: only what there is to be given."""

from __future__ import annotations

from loyalty.earning.units import Goal, Unit
from loyalty.errors import UnknownTarget
from loyalty.models import Challenge, Program, StampCard


def refuse_unknown_target(program: Program, goal: Goal) -> None:
    """Refuse stamps on a card, or steps of a challenge, that the program has not or has ended.

    A card that rests may be named: the rule says so where it gives nothing.
    """
    if goal.unit in (Unit.STAMPS, Unit.STEPS):
        known = {code for code, _name in targets_of(program, goal.unit)}
        if goal.target not in known:
            raise UnknownTarget(target=goal.target)


def targets_of(program: Program, unit: Unit) -> list[tuple[str, str]]:
    """Return the codes and names of the cards, or challenges, that rules may name."""
    if unit is Unit.STAMPS:
        cards = StampCard.objects.filter(program=program).exclude(status=StampCard.Status.ENDED)
        return list(cards.order_by("code").values_list("code", "name"))
    open_ = Challenge.objects.filter(program=program).exclude(status=Challenge.Status.ENDED)
    return list(open_.order_by("code").values_list("code", "name"))
