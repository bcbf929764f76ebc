"""Brings the catalog to what a program file says, and writes it down as a file."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core import audit
from core.actors import Actor
from core.locking import lock_one
from core.program_files import Fault
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from rewards.catalog_document import RewardPart, read_rewards
from rewards.errors import StockBelowTaken
from rewards.models import Redemption, Reward

PLAIN_FIELDS = ("name", "points", "status")


@transaction.atomic
def load_rewards(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the rewards that the data names to what it says; leave the others alone."""
    program = Program.objects.get(pk=program_id)
    changed = []
    for index, part in enumerate(read_rewards(data)):
        if _load(program, part, index, actor):
            changed.append(f"rewards.{part.code}")
    return changed


def dump_rewards(program_id: int) -> list[dict[str, Any]]:
    """Return every reward, by code."""
    rewards = Reward.objects.filter(program_id=program_id).order_by("code")
    return [
        {
            "code": reward.code,
            "name": reward.name,
            "points": reward.points,
            "status": reward.status,
            "stock": reward.stock_initial,
        }
        for reward in rewards
    ]


def _load(program: Program, part: RewardPart, index: int, actor: Actor) -> bool:
    known = Reward.objects.filter(program=program, code=part.code).first()
    reward = lock_one(Reward, known.pk) if known else Reward(program=program, code=part.code)
    fields = _changes(reward, part, index)
    if known and not fields:
        return False
    reward.save(update_fields=fields if known else None)
    audit.record(
        "loaded", reward, organization_id=program.organization_id, actor=actor, fields=fields
    )
    return True


def _changes(reward: Reward, part: RewardPart, index: int) -> list[str]:
    fields = [name for name in PLAIN_FIELDS if getattr(reward, name) != getattr(part, name)]
    for name in fields:
        setattr(reward, name, getattr(part, name))
    if reward.stock_initial != part.stock:
        _restock(reward, part.stock, index)
        fields += ["stock", "stock_initial"]
    return fields


def _restock(reward: Reward, stock: int | None, index: int) -> None:
    """Set how many there are in all; what was taken stays taken."""
    left = None if stock is None else stock - _taken(reward)
    if left is not None and left < 0:
        refusal = StockBelowTaken()
        fault = Fault(
            field=f"rewards.{index}.stock", code=refusal.code, message=str(refusal.message)
        )
        raise ProgramInvalid(errors=[fault])
    reward.stock, reward.stock_initial = left, stock


def _taken(reward: Reward) -> int:
    live = (Redemption.Status.HELD, Redemption.Status.ISSUED)
    return Redemption.objects.filter(reward_id=reward.pk, status__in=live).count()
