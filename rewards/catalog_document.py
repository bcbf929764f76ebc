"""The part of a program file that rewards own: what points can buy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, RootModel, ValidationError, ValidationInfo

from core.errors import InvalidInput
from core.program_files import Fault
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Exact, Label, Part, fault
from loyalty.program_document import Code

REWARDS_MAX = 500
PRICE_MAX = 10_000_000
STOCK_MAX = 1_000_000
AMOUNT_MAX = 1_000_000
VALID_DAYS_MAX = 3_660
DESCRIPTION_LENGTH_MAX = 300
TERMS_LENGTH_MAX = 1_000


def _words(text: str, max_length: int) -> str:
    try:
        return clean_line(text, max_length=max_length)
    except InvalidInput as refusal:
        raise fault(refusal.code, refusal.message) from refusal


def _description(text: str) -> str:
    return _words(text, DESCRIPTION_LENGTH_MAX)


def _terms(text: str) -> str:
    return _words(text, TERMS_LENGTH_MAX)


def _amount_of_its_kind(amount: Decimal | None, info: ValidationInfo) -> Decimal | None:
    kind = info.data.get("kind")
    if kind == "amount_off" and amount is None:
        raise fault("required", _("Say how much is taken off."))
    if kind == "free_product" and amount is not None:
        raise fault("amount_not_used", _("A free product takes no amount off."))
    return amount


class RewardPart(Part):
    """One reward; ``stock`` is how many there are in all, ``None`` for as many as are wanted."""

    code: Code
    name: Label
    kind: Literal["free_product", "amount_off"] = "free_product"
    amount: Annotated[
        Annotated[Exact, Field(gt=0, le=AMOUNT_MAX)] | None,
        AfterValidator(_amount_of_its_kind),
        Field(validate_default=True),
    ] = None
    description: Annotated[str, AfterValidator(_description)] = ""
    terms: Annotated[str, AfterValidator(_terms)] = ""
    valid_days: Annotated[int, Field(strict=True, ge=1, le=VALID_DAYS_MAX)] | None = None
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
