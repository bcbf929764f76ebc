"""The catalog: what managers offer, and what a program file says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from core import audit
from core.actors import Actor
from core.errors import CodeTaken, InvalidInput
from core.locking import lock_one
from core.models import Picture
from core.pictures import Drawn
from core.program_files import Fault
from core.services.pictures import keep_picture
from loyalty.earning.exact import plain
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from rewards.catalog_document import RewardPart, read_rewards
from rewards.errors import NoSuchDraw, RewardHasEnded
from rewards.kinds import DETAILS
from rewards.models import Reward
from rewards.services.catalog_changes import AS_WRITTEN, CODES, change, refuse_odd_options

NOT_TYPED = ("status",)
CODE_STEM_MAX = 40
AS_BEFORE = frozenset(
    ["name", "kind", "description", "terms", "valid_days", "points", "is_for_points", "status"]
)  # told of every reward; the rest where it says something

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
    loaded = [
        (index, *_load(program, part, index, actor))
        for index, part in enumerate(read_rewards(data))
    ]
    for index, reward, _is_changed in loaded:
        with _named_in_file(index):
            refuse_odd_options(reward)  # once all are there
    return [f"rewards.{reward.code}" for _index, reward, is_changed in loaded if is_changed]


@transaction.atomic
def save_reward(
    *,
    program_id: int,
    part: RewardPart,
    actor: Actor,
    reward_id: int | None = None,
    picture: Drawn | None = None,
    drops_picture: bool = False,
) -> Reward:
    """Add a reward as a draft, or change one; its code and state are not the form's to say.

    Without a new picture it keeps the one it has, unless that is dropped. What was taken keeps
    what it said. Raises ``StockBelowTaken``, ``AmountTooFine``, ``OptionUnknown``, ``CodeTaken``,
    ``NoSuchDraw``.
    """
    if reward_id is None:
        program = Program.objects.get(pk=program_id)
        reward = Reward(program=program, code=_free_code(program, part.name))
    else:
        reward = lock_one(Reward, reward_id, "program__organization")
    fields = change(reward, part, without=NOT_TYPED)
    fields += _draw(reward, picture, drops=drops_picture)
    if reward_id is None:
        _add(reward)
    elif fields:
        reward.save(update_fields=fields)
    refuse_odd_options(reward)
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
    """Return every reward, by code; pictures are no part of it."""
    rewards = Reward.objects.filter(program_id=program_id).order_by("code")
    return [_dumped(reward) for reward in rewards.select_related("category")]


def _dumped(reward: Reward) -> dict[str, Any]:
    more = {name: getattr(reward, name) for name in (*AS_WRITTEN, *CODES)}
    more |= {"category": reward.category.code if reward.category else None}
    told = {
        name: value for name, value in more.items() if name in AS_BEFORE or value != _default(name)
    }
    told |= {name: reward.details[name] for name in DETAILS if name in reward.details}
    told |= {"code": reward.code, "amount": reward.amount, "stock": reward.stock_initial}
    return {name: _plain(told[name]) for name in RewardPart.model_fields if name in told}


def _default(name: str) -> Any:
    default = RewardPart.model_fields[name].default
    return [] if default == () else default


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _load(program: Program, part: RewardPart, index: int, actor: Actor) -> tuple[Reward, bool]:
    known = Reward.objects.filter(program=program, code=part.code).first()
    reward = lock_one(Reward, known.pk) if known else Reward(program=program, code=part.code)
    with _named_in_file(index):
        fields = change(reward, part)
    if known and not fields:
        return reward, False
    reward.save(update_fields=fields if known else None)
    _note("loaded", reward, actor, fields)
    return reward, True


@contextmanager
def _named_in_file(index: int) -> Iterator[None]:
    """Tell a refusal as a fault of the file, at the place of the reward it concerns."""
    try:
        yield
    except (InvalidInput, NoSuchDraw) as refusal:
        name = f"rewards.{index}.{refusal.field}"
        fault = Fault(field=name, code=refusal.code, message=str(refusal))
        raise ProgramInvalid(errors=[fault]) from refusal


def _draw(reward: Reward, picture: Drawn | None, *, drops: bool) -> list[str]:
    """Let the reward be seen, or no longer; return the fields that changed."""
    kept: Picture | None = None
    if picture is not None:
        organization_id = reward.program.organization_id
        kept = keep_picture(organization_id=organization_id, drawn=picture)
    elif not drops:
        return []
    digest = kept.digest if kept else None
    if reward.picture_id == digest:
        return []
    reward.picture = kept
    return ["picture"]


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
