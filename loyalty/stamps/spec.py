"""What one version of a stamp card says: how many stamps fill it, and what it gives on the way."""

from __future__ import annotations

from typing import Annotated, Any, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from loyalty.earning.vocabulary.parts import Part, fault
from loyalty.gifts import AnyGift, BadgeGift, PointsGift

SIZE_MIN, SIZE_MAX = 2, 50
MILESTONES_MAX = 10
GIFTS_MAX = 5

Gifts = Annotated[tuple[AnyGift, ...], Field(min_length=1, max_length=GIFTS_MAX)]


class Milestone(Part):
    """What a card gives before it is full."""

    at: Annotated[int, Field(strict=True, ge=1, lt=SIZE_MAX)]
    gifts: Gifts

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _refuse_twice(self.gifts)
        return self


class StampCardSpec(Part):
    """All that one version of a stamp card says; without ``months`` stamps never lapse."""

    size: Annotated[int, Field(strict=True, ge=SIZE_MIN, le=SIZE_MAX)]
    gifts: Gifts
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=MILESTONES_MAX)] = ()
    per_day: Annotated[int, Field(strict=True, ge=1, le=SIZE_MAX)] | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _refuse_twice(self.gifts)
        places = [milestone.at for milestone in self.milestones]
        if places != sorted(set(places)):
            raise fault(
                "milestones_out_of_order", _("List the gifts on the way in order, each place once.")
            )
        if places and places[-1] >= self.size:
            raise fault("milestone_too_late", _("A gift on the way comes before the card is full."))
        return self

    def gifts_at(self, place: int) -> tuple[AnyGift, ...]:
        """Return what the card gives when it has so many stamps; nothing at most places."""
        if place == self.size:
            return self.gifts
        return next((one.gifts for one in self.milestones if one.at == place), ())


def parse_card(data: object) -> StampCardSpec:
    """Return what a version of a card says, out of the database."""
    return StampCardSpec.model_validate(data)


def dump_card(spec: StampCardSpec) -> dict[str, Any]:
    """Return the card as plain JSON, the same for every spelling of the same card."""
    return spec.model_dump(mode="json", exclude_none=True)


def _refuse_twice(gifts: tuple[AnyGift, ...]) -> None:
    if len({_named(gift) for gift in gifts}) < len(gifts):
        raise fault("gift_twice", _("Name each gift once."))


def _named(gift: AnyGift) -> tuple[str, str]:
    if isinstance(gift, PointsGift):
        return gift.type, ""
    return gift.type, gift.badge if isinstance(gift, BadgeGift) else gift.reward
