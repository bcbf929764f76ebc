"""What a newcomer answers, step by step; each step has its own shape and a sensible beginning."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from loyalty.earning.vocabulary.parts import Exact, Label, Part, Points, Rate

TIERS_MAX = 4
Kind = Literal["cafe", "grocery", "fashion", "membership", "discount", "scale"]
GoalKind = Literal["member_sales", "active_members", "new_members"]
Amount = Annotated[Exact, Field(gt=0, le=Decimal(1_000_000))]


class About(Part):
    """What kind of shop it is, what the program is called, and what it is to reach."""

    kind: Kind = "cafe"
    name: Label
    goal: GoalKind | None = "member_sales"
    target: Annotated[int, Field(strict=True, ge=1, le=10**9)] | None = 50


class Earning(Part):
    """Whether purchases give points, how many, and what one is worth."""

    gives_points: bool = True
    points: Points = 1
    per: Rate = Decimal(1)
    point_value: Rate | None = Decimal("0.01")
    lasts_months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = 12


class Step(Part):
    """One tier: from how much spent in a year on, how many times the points, how much off."""

    name: Label
    threshold: Amount
    times: Annotated[Exact, Field(ge=1, le=100)] = Decimal(1)
    percent: Annotated[Exact, Field(gt=0, le=100)] | None = None


class Tiers(Part):
    """The tiers, lowest first; none when the shop wants none.

    ``is_scale`` makes no tiers of the steps, but one discount that grows with what is spent.
    """

    has_tiers: bool = False
    is_scale: bool = False
    steps: Annotated[tuple[Step, ...], Field(max_length=TIERS_MAX)] = ()
    fee_sku: Label | None = None
    fee_months: Annotated[int, Field(strict=True, ge=1, le=60)] = 12
    fee_times: Annotated[Exact, Field(ge=1, le=100)] = Decimal(2)
    member_name: Label | None = None


class Stamps(Part):
    """A stamp card: how many stamps, for what each, and what a full one gives."""

    has_stamps: bool = False
    size: Annotated[int, Field(strict=True, ge=2, le=50)] = 9
    per: Literal["purchase", "unit", "amount"] = "purchase"
    amount: Amount | None = None
    category: Label | None = None
    gift: Label | None = None


class FirstReward(Part):
    """The first thing that points can buy."""

    has_reward: bool = True
    name: Label
    points: Points = 100
    amount: Amount | None = None


class Answers(Part):
    """Everything that was answered."""

    about: About
    earning: Earning
    tiers: Tiers
    stamps: Stamps
    reward: FirstReward


STEPS: dict[str, type[Part]] = {
    "about": About,
    "earning": Earning,
    "tiers": Tiers,
    "stamps": Stamps,
    "reward": FirstReward,
}
