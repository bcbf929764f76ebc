"""How much a rule may give, and how rules of one program get on with each other."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, NamedTuple

from django.utils.translation import gettext as _
from pydantic import Field

from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.effects import Stage
from loyalty.earning.vocabulary.parts import Cap, Label, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.wording import Wording


class LimitKind(StrEnum):
    """What a limit counts: one purchase, one member in a period, everybody, or a card in a day."""

    PURCHASE = "purchase"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"
    BUDGET = "budget"
    CARD = "card"


class PerMember(Part):
    """The most that one member gets from a rule in each period."""

    day: Cap | None = None
    week: Cap | None = None
    month: Cap | None = None
    year: Cap | None = None
    ever: Cap | None = None


class Limits(Part):
    """The most a rule gives, points or stamps; what is due beyond is recorded and not given."""

    per_purchase: Cap | None = None
    per_member: PerMember = PerMember()
    budget: Annotated[int, Field(strict=True, ge=1, le=10**12)] | None = None

    @cached_property
    def by_kind(self) -> dict[LimitKind, int]:
        """Return the limits that are set, the narrowest kind first."""
        every = {
            LimitKind.PURCHASE: self.per_purchase,
            **{LimitKind(period): cap for period, cap in self.per_member},
            LimitKind.BUDGET: self.budget,
        }
        return {kind: cap for kind, cap in every.items() if cap is not None}

    def words(self, say: Wording, unit: Unit = Unit.POINTS) -> list[str]:
        """Write "at most 200 per purchase" for each limit that is set, or "at most 2 stamps"."""
        return [limit_words(kind, say.short(unit, cap)) for kind, cap in self.by_kind.items()]


def limit_words(kind: str, most: str) -> str:
    """Write one limit."""
    sentences = {
        LimitKind.PURCHASE: _("at most %(most)s per purchase"),
        LimitKind.DAY: _("at most %(most)s per member a day"),
        LimitKind.WEEK: _("at most %(most)s per member a week"),
        LimitKind.MONTH: _("at most %(most)s per member a month"),
        LimitKind.YEAR: _("at most %(most)s per member a year"),
        LimitKind.EVER: _("at most %(most)s per member ever"),
        LimitKind.BUDGET: _("at most %(most)s for all members together"),
    }
    return sentences[LimitKind(kind)] % {"most": most}


class Room(NamedTuple):
    """What is left of a rule's tightest limit, in what the rule gives, as found under the lock."""

    points: int
    limit: LimitKind


def room_left(limits: Limits, given: Mapping[LimitKind, int]) -> Room | None:
    """Return the tightest room, from what the rule has given so far in each period."""
    rooms = [
        Room(max(0, cap - given.get(kind, 0)), kind)
        for kind, cap in limits.by_kind.items()
        if kind != LimitKind.PURCHASE
    ]
    return min(rooms, key=lambda room: room.points, default=None)


class Stacking(Part):
    """When the rule counts, and with which rules it shares one place.

    Rules with the same exclusive group stand for one another: base rules among themselves, and
    multipliers and bonuses among themselves. The one that gives the member most counts; at a tie,
    or where they give things that cannot be compared, the higher priority does.
    """

    stage: Stage | None = None
    exclusive_group: Label | None = None
    priority: Annotated[int, Field(strict=True, ge=-1000, le=1000)] = 0
