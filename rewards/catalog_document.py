"""The part of a program file that rewards own: what points can buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import (
    AfterValidator,
    Field,
    RootModel,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from core.errors import InvalidInput
from core.program_files import Fault
from core.text import clean_line
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Day, Exact, Label, Part, fault
from loyalty.program_document import Code
from rewards.kinds import AMOUNT_MAX, DETAILS, AnyKind, read_kind

REWARDS_MAX = 500
PRICE_MAX = 10_000_000
STOCK_MAX = 1_000_000
VALID_DAYS_MAX = 3_660
DESCRIPTION_LENGTH_MAX = 300
TERMS_LENGTH_MAX = 1_000
ALT_LENGTH_MAX = 200
CODES_MAX = 200
LIMIT_MAX = 1_000
GOODWILL_DAYS_MAX = 60
UNDO_MINUTES_MAX = 1_440

Period = Literal["ever", "year", "month", "week", "day"]
KindName = Literal[
    "percent_off",
    "amount_off",
    "free_product",
    "product_with_purchase",
    "free_shipping",
    "gift_card",
    "experience",
    "donation",
    "draw_ticket",
    "exclusive",
    "access",
    "choose_one",
]


def words(text: str, max_length: int) -> str:
    """Return text as one clean line, or name what is wrong with it."""
    try:
        return clean_line(text, max_length=max_length)
    except InvalidInput as refusal:
        raise fault(refusal.code, refusal.message) from refusal


def _description(text: str) -> str:
    return words(text, DESCRIPTION_LENGTH_MAX)


def _terms(text: str) -> str:
    return words(text, TERMS_LENGTH_MAX)


def _alt(text: str) -> str:
    return words(text, ALT_LENGTH_MAX)


def _after_its_start(ends_on: date | None, info: ValidationInfo) -> date | None:
    starts_on = info.data.get("starts_on")
    if ends_on and starts_on and ends_on < starts_on:
        raise fault("ends_before_it_begins", _("The last day comes after the first."))
    return ends_on


def _hidden_when_closed(shown: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  pydantic's way
    if shown and info.data.get("kind") == "access":
        raise fault("closed_reward", _("Something closed is shown to nobody it is not for."))
    return shown


def _so_many(is_limited: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  pydantic's way
    if is_limited and info.data.get("stock") is None:
        raise fault("edition_without_number", _("Say how many there are of a limited edition."))
    return is_limited


def _sorted(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


Money = Annotated[Exact, Field(gt=0, le=AMOUNT_MAX)]
Codes = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=50)], ...],
    Field(max_length=CODES_MAX),
    AfterValidator(_sorted),
]


class RewardPart(Part):
    """One reward; ``stock`` is how many there are in all, ``None`` for as many as are wanted.

    What only some kinds need (``amount`` to ``options``) is judged by ``rewards.kinds``.
    """

    code: Code
    name: Label
    kind: KindName = "free_product"
    amount: Any = None
    percent: Any = None
    minimum: Any = None
    product_sku: Any = None
    product_category: Any = None
    partner: Any = None
    gives: Any = None
    draw: Any = None
    tickets: Any = None
    link: Any = None
    access_code: Any = None
    options: Any = ()
    category: Code | None = None
    picture_alt: Annotated[str, AfterValidator(_alt)] = ""
    description: Annotated[str, AfterValidator(_description)] = ""
    terms: Annotated[str, AfterValidator(_terms)] = ""
    valid_days: Annotated[int, Field(strict=True, ge=1, le=VALID_DAYS_MAX)] | None = None
    points: Annotated[int, Field(strict=True, ge=1, le=PRICE_MAX)]
    price_money: Money | None = None
    cost: Annotated[Exact, Field(ge=0, le=AMOUNT_MAX)] | None = None
    is_for_points: Annotated[bool, Field(strict=True)] = True
    status: Literal["draft", "active", "paused", "ended"] = "draft"
    starts_on: Day | None = None
    ends_on: Annotated[Day | None, AfterValidator(_after_its_start)] = None
    stores: Codes = ()
    tiers: Codes = ()
    groups: Codes = ()
    shown_to_all: Annotated[bool, Field(strict=True), AfterValidator(_hidden_when_closed)] = False
    limit_count: Annotated[int, Field(strict=True, ge=1, le=LIMIT_MAX)] | None = None
    limit_period: Period = "ever"
    stock: Annotated[int, Field(strict=True, ge=0, le=STOCK_MAX)] | None = None
    is_limited_edition: Annotated[bool, Field(strict=True), AfterValidator(_so_many)] = False
    is_combinable: Annotated[bool, Field(strict=True)] = False
    goodwill_days: Annotated[int, Field(strict=True, ge=0, le=GOODWILL_DAYS_MAX)] | None = None
    undo_minutes: Annotated[int, Field(strict=True, ge=0, le=UNDO_MINUTES_MAX)] = 15

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        read_kind(self.kind, self._details())
        return self

    @property
    def promise(self) -> AnyKind:
        """Return what the reward is, typed."""
        return read_kind(self.kind, self._details())

    def _details(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in DETAILS}


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
