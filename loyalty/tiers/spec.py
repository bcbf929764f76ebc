"""What one version of a program's ladder says: its tiers, and how they are reached and kept."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, ValidationError, model_validator

from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Code, Exact, Label, Part, fault
from loyalty.errors import LadderInvalid
from loyalty.gifts import AnyGift, BadgeGift, PointsGift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.program_files import Fault

TIERS_MAX = 12
GIFTS_MAX = 5
LISTED_MAX = 20
THRESHOLD_MAX = Decimal(1_000_000_000)

Months = Annotated[int, Field(strict=True, ge=1, le=120)]


class CalendarYear(Part):
    """What was done since the first of January counts."""

    type: Literal["calendar_year"]


class RollingMonths(Part):
    """What was done in the last so many months counts."""

    type: Literal["rolling"]
    months: Months


class MembershipYear(Part):
    """What was done since the last anniversary of joining counts."""

    type: Literal["membership_year"]


class Lifetime(Part):
    """Everything counts, however long ago."""

    type: Literal["lifetime"]


Window = CalendarYear | RollingMonths | MembershipYear | Lifetime


class ForSoLong(Part):
    """A tier holds for so many months after it was reached, perhaps to the end of a period."""

    type: Literal["months"]
    months: Annotated[int, Field(strict=True, ge=0, le=120)]
    round_up: Literal["month", "quarter", "year", "membership_year"] | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not self.months and self.round_up is None:
            raise fault("validity_needed", _("Give a number of months, or the end of a period."))
        return self


class ForEver(Part):
    """A tier that was reached is never looked at again."""

    type: Literal["forever"]


Validity = ForSoLong | ForEver


class Benefits(Part):
    """What members of a tier have of it."""

    multiplier: Annotated[Exact, Field(gt=1, le=100)] | None = None
    percent_off: Annotated[Exact, Field(gt=0, le=100)] | None = None
    free_shipping: Annotated[bool, Field(strict=True)] = False
    rewards: Annotated[tuple[Label, ...], Field(max_length=LISTED_MAX)] = ()
    gifts: Annotated[tuple[AnyGift, ...], Field(max_length=GIFTS_MAX)] = ()
    service: Annotated[tuple[Label, ...], Field(max_length=LISTED_MAX)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({_named(gift) for gift in self.gifts}) < len(self.gifts):
            raise fault("gift_twice", _("Name each gift once."))
        return self


class Tier(Part):
    """One step of the ladder: earned by a threshold, bought with a membership, or given."""

    code: Code
    name: Label
    kind: Literal["earned", "invitation", "paid"] = "earned"
    threshold: Annotated[Exact, Field(gt=0, le=THRESHOLD_MAX)] | None = None
    sku: Label | None = None
    months: Months | None = None
    is_lifetime: Annotated[bool, Field(strict=True)] = False
    benefits: Benefits = Benefits()

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        needed = {"earned": {"threshold"}, "invitation": set[str](), "paid": {"sku", "months"}}
        given = {name for name in ("threshold", "sku", "months") if getattr(self, name) is not None}
        missing, needless = needed[self.kind] - given, given - needed[self.kind]
        if missing:
            raise fault("tier_incomplete", _NEEDED[self.kind])
        if needless or (self.is_lifetime and self.kind != "earned"):
            raise fault("tier_says_too_much", _("This belongs to another kind of tier."))
        return self


_NEEDED = {
    "earned": _("Say from how much on members reach this tier."),
    "paid": _("Say which article is the membership, and for how many months it is."),
}


class LadderSpec(Part):
    """The whole ladder, lowest tier first; without tiers it is put away."""

    basis: Literal["points", "spend", "visits", "credits"] = "spend"
    window: Annotated[Window, Field(discriminator="type")] = CalendarYear(type="calendar_year")
    valid: Annotated[Validity, Field(discriminator="type")] = ForSoLong(
        type="months", months=12, round_up="year"
    )
    downgrade: Literal["none", "one_level", "full"] = "full"
    grace_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    returns: Literal["now", "at_period_end", "never"] = "now"
    counts: Literal["before", "after"] = "before"
    tiers: Annotated[tuple[Tier, ...], Field(max_length=TIERS_MAX)] = ()

    @model_validator(mode="after")
    def _is_a_ladder(self) -> Self:
        for faulty, code, sentence in self._contradictions():
            if faulty:
                raise fault(code, sentence)
        return self

    def _contradictions(self) -> Iterator[tuple[bool, str, Any]]:
        steps = [tier.threshold for tier in self.tiers if tier.threshold is not None]
        skus = [tier.sku for tier in self.tiers if tier.sku is not None]
        whole = self.basis == "spend" or all(step == step.to_integral_value() for step in steps)
        yield (
            _repeats([tier.code for tier in self.tiers]),
            "code_taken",
            _("Give each tier a code of its own."),
        )
        yield (
            _repeats([tier.name.casefold() for tier in self.tiers]),
            "name_taken",
            _("Give each tier a name of its own."),
        )
        yield _repeats(skus), "sku_taken", _("Each membership has an article of its own.")
        yield (
            steps != sorted(set(steps)),
            "tiers_out_of_order",
            _("List the tiers from the lowest threshold to the highest, each with its own."),
        )
        yield not whole, "whole_number_needed", _("Points, visits and credits are whole numbers.")

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Return how high each tier is, by its code; the lowest is 1."""
        return {tier.code: number for number, tier in enumerate(self.tiers, start=1)}

    def rank(self, code: str) -> int:
        """Return how high a tier is; 0 below the first and for what the ladder does not have."""
        return self.ranks.get(code, 0)

    def tier(self, code: str) -> Tier | None:
        """Return the tier of this code."""
        return self.tiers[self.ranks[code] - 1] if code in self.ranks else None

    def highest(self, codes: list[str]) -> Tier | None:
        """Return the highest of these tiers."""
        return self.tier(max(codes, key=self.rank, default=""))

    def reached_by(self, worth: Decimal) -> Tier | None:
        """Return the highest tier that is earned by so much."""
        earned = [one for one in self.tiers if one.threshold is not None and one.threshold <= worth]
        return earned[-1] if earned else None

    def below(self, code: str) -> Tier | None:
        """Return the next lower tier that can be earned."""
        lower = self.tiers[: max(self.rank(code) - 1, 0)]
        return next((one for one in reversed(lower) if one.threshold is not None), None)

    def next_above(self, code: str) -> Tier | None:
        """Return the next higher tier that can be earned."""
        higher = self.tiers[self.rank(code) :]
        return next((one for one in higher if one.threshold is not None), None)

    def sold_as(self, sku: str) -> Tier | None:
        """Return the tier whose membership has this article number."""
        return next((one for one in self.tiers if one.sku == sku), None)


def parse_ladder(data: object) -> LadderSpec:
    """Return the ladder that the data describes, or refuse it and name every fault."""
    try:
        return LadderSpec.model_validate(data)
    except ValidationError as error:
        raise LadderInvalid(errors=faults_of(error, data)) from error


def ladder_faults(data: object) -> list[Fault]:
    """Return everything that is wrong with a ladder."""
    try:
        parse_ladder(data)
    except LadderInvalid as refusal:
        faults: list[Fault] = refusal.data["errors"]
        return faults
    return []


def dump_ladder(spec: LadderSpec) -> dict[str, Any]:
    """Return the ladder as plain JSON, the same for every spelling of the same ladder."""
    return spec.model_dump(mode="json", exclude_none=True)


def _repeats(values: list[str]) -> bool:
    return len(set(values)) < len(values)


def _named(gift: AnyGift) -> tuple[str, str]:
    if isinstance(gift, PointsGift):
        return gift.type, ""
    return gift.type, gift.badge if isinstance(gift, BadgeGift) else gift.reward
