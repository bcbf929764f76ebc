"""The catalog: what managers offer, and what a program file says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from core import audit
from core.actors import Actor
from core.currencies import decimals_of
from core.errors import CodeTaken, InvalidInput
from core.locking import lock_one
from core.program_files import Fault
from loyalty.earning.exact import plain
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from rewards.catalog_document import RewardPart, read_rewards
from rewards.errors import AmountTooFine, RewardHasEnded, StockBelowTaken
from rewards.models import Redemption, Reward

PLAIN_FIELDS = (
    "name",
    "kind",
    "amount",
    "description",
    "terms",
    "valid_days",
    "points",
    "status",
)
TYPED_FIELDS = tuple(name for name in PLAIN_FIELDS if name != "status")
CODE_STEM_MAX = 40

NEXT = {
    Reward.Status.DRAFT: {Reward.Status.ACTIVE, Reward.Status.ENDED},
    Reward.Status.ACTIVE: {Reward.Status.PAUSED, Reward.Status.ENDED},
    Reward.Status.PAUSED: {Reward.Status.ACTIVE, Reward.Status.ENDED},
    Reward.Status.ENDED: set[Reward.Status](),
}


@transaction.atomic
def load_rewards(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the rewards that the data names to what it says; leave the others alone."""
    program = Program.objects.get(pk=program_id)
    changed = []
    for index, part in enumerate(read_rewards(data)):
        if _load(program, part, index, actor):
            changed.append(f"rewards.{part.code}")
    return changed


@transaction.atomic
def save_reward(
    *, program_id: int, part: RewardPart, actor: Actor, reward_id: int | None = None
) -> Reward:
    """Add a reward as a draft, or change one; its code and state are not the form's to say.

    What was taken keeps its price. Raises ``StockBelowTaken``, ``AmountTooFine``, ``CodeTaken``.
    """
    if reward_id is None:
        program = Program.objects.get(pk=program_id)
        reward = Reward(program=program, code=_free_code(program, part.name))
    else:
        reward = lock_one(Reward, reward_id, "program__organization")
    fields = _change(reward, part, TYPED_FIELDS)
    if reward_id is None:
        _add(reward)
    elif fields:
        reward.save(update_fields=fields)
    if fields:
        _note("changed" if reward_id else "added", reward, actor, fields)
    return reward


@transaction.atomic
def set_reward_status(*, reward_id: int, status: Reward.Status, actor: Actor) -> Reward:
    """Offer a reward, pause it, or end it for good; raises ``RewardHasEnded``."""
    reward = lock_one(Reward, reward_id, "program")
    if reward.status == status:
        return reward
    if status not in NEXT[Reward.Status(reward.status)]:
        raise RewardHasEnded
    reward.status = status
    reward.save(update_fields=["status"])
    _note("changed", reward, actor, ["status"])
    return reward


def dump_rewards(program_id: int) -> list[dict[str, Any]]:
    """Return every reward, by code."""
    rewards = Reward.objects.filter(program_id=program_id).order_by("code")
    return [
        {
            "code": reward.code,
            "name": reward.name,
            "kind": reward.kind,
            "amount": None if reward.amount is None else plain(reward.amount),
            "description": reward.description,
            "terms": reward.terms,
            "valid_days": reward.valid_days,
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
    _note("loaded", reward, actor, fields)
    return True


def _changes(reward: Reward, part: RewardPart, index: int) -> list[str]:
    try:
        return _change(reward, part, PLAIN_FIELDS)
    except InvalidInput as refusal:
        name = f"rewards.{index}.{refusal.field}"
        fault = Fault(field=name, code=refusal.code, message=str(refusal))
        raise ProgramInvalid(errors=[fault]) from refusal


def _change(reward: Reward, part: RewardPart, names: Iterable[str]) -> list[str]:
    """Bring the reward to what the part says, unsaved; return the fields that changed."""
    fields = [name for name in names if getattr(reward, name) != getattr(part, name)]
    for name in fields:
        setattr(reward, name, getattr(part, name))
    _refuse_fractions(reward)
    if reward.stock_initial != part.stock:
        _restock(reward, part.stock)
        fields += ["stock", "stock_initial"]
    return fields


def _add(reward: Reward) -> None:
    try:
        with transaction.atomic():
            reward.save()
    except IntegrityError:  # somebody added one of this name at the same moment
        raise CodeTaken from None


def _free_code(program: Program, name: str) -> str:
    """Return a code that tells of the name and is no other reward's."""
    stem = slugify(name)[:CODE_STEM_MAX].strip("-_") or "reward"
    taken = set(Reward.objects.filter(program=program).values_list("code", flat=True))
    return next(code for code in _codes(stem) if code not in taken)


def _codes(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))


def _note(verb: str, reward: Reward, actor: Actor, fields: Iterable[str]) -> None:
    organization_id = reward.program.organization_id
    audit.record(verb, reward, organization_id=organization_id, actor=actor, fields=fields)


def _refuse_fractions(reward: Reward) -> None:
    decimals = decimals_of(reward.program.organization.currency)
    if reward.amount is not None and reward.amount != round(reward.amount, decimals):
        raise AmountTooFine(field="amount", decimals=decimals)


def _restock(reward: Reward, stock: int | None) -> None:
    """Set how many there are in all; what was taken stays taken."""
    left = None if stock is None else stock - _taken(reward)
    if left is not None and left < 0:
        raise StockBelowTaken
    reward.stock, reward.stock_initial = left, stock


def _taken(reward: Reward) -> int:
    live = (Redemption.Status.HELD, Redemption.Status.ISSUED)
    return Redemption.objects.filter(reward_id=reward.pk, status__in=live).count()
