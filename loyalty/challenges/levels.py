"""Levels: names that members earn by completing challenges or collecting badges."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import AfterValidator, Field

from loyalty.earning.vocabulary.parts import Label, Part, fault
from loyalty.earning.wording import chained

if TYPE_CHECKING:
    from loyalty.earning.wording import Wording

LEVELS_MAX = 20


class Level(Part):
    """One level: its name, and how many completed challenges or badges it takes."""

    name: Label
    needed: Annotated[int, Field(strict=True, ge=1, le=10_000)]


def _ascending(steps: tuple[Level, ...]) -> tuple[Level, ...]:
    if any(second.needed <= first.needed for first, second in pairwise(steps)):
        raise fault("levels_out_of_order", gettext_lazy("Each level needs more than the last."))
    return steps


class Levels(Part):
    """The levels of a program, the lowest first, and what is counted for them."""

    counts: Literal["challenges", "badges"] = "challenges"
    steps: Annotated[
        tuple[Level, ...], Field(min_length=1, max_length=LEVELS_MAX), AfterValidator(_ascending)
    ]


class Standing(NamedTuple):
    """The level somebody is on, the next one, and what is missing to it."""

    level: str
    following: str
    missing: int


def standing(levels: Levels, count: int) -> Standing:
    """Return where so many completed challenges or badges have brought somebody."""
    reached = [step for step in levels.steps if step.needed <= count]
    beyond = [step for step in levels.steps if step.needed > count]
    level = reached[-1].name if reached else ""
    if not beyond:
        return Standing(level, "", 0)
    return Standing(level, beyond[0].name, beyond[0].needed - count)


def levels_words(levels: Levels, say: Wording) -> str:
    """Write "Explorer from 3 completed challenges on, Hero from 10 on"."""
    return chained(_step(step, levels.counts, say) for step in levels.steps)


def needed_words(counts: str, number: int, say: Wording) -> str:
    """Write "3 completed challenges" or "3 badges"."""
    if counts == "badges":
        text = ngettext("%(count)s badge", "%(count)s badges", number)
    else:
        text = ngettext("%(count)s completed challenge", "%(count)s completed challenges", number)
    return text % {"count": say.number(number)}


def _step(step: Level, counts: str, say: Wording) -> str:
    needed = needed_words(counts, step.needed, say)
    return _("%(level)s from %(needed)s on") % {"level": step.name, "needed": needed}
