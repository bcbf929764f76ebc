"""The part of a program file that rewards own: what points can buy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.program_document import Code

REWARDS_MAX = 500
PRICE_MAX = 10_000_000
STOCK_MAX = 1_000_000


class RewardPart(Part):
    """One reward; ``stock`` is how many there are in all, ``None`` for as many as are wanted."""

    code: Code
    name: Label
    points: Annotated[int, Field(strict=True, ge=1, le=PRICE_MAX)]
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    stock: Annotated[int, Field(strict=True, ge=0, le=STOCK_MAX)] | None = None


def _distinct_codes(rewards: tuple[RewardPart, ...]) -> tuple[RewardPart, ...]:
    if len({reward.code for reward in rewards}) < len(rewards):
        raise fault("code_taken", _("Give each reward a code of its own."))
    return rewards


class Rewards(RootModel[tuple[RewardPart, ...]]):
    """All rewards of a program."""

    root: Annotated[
        tuple[RewardPart, ...], Field(max_length=REWARDS_MAX), AfterValidator(_distinct_codes)
    ]


def reward_faults(data: object) -> list[Fault]:
    """Return what is wrong with the rewards of a file."""
    try:
        Rewards.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_rewards(data: Any) -> Sequence[RewardPart]:
    """Return the rewards of a file that has no faults."""
    return Rewards.model_validate(data).root
