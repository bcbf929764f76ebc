"""What cannot be meant in a set of rules: some that never apply, some that give twice.

What is said here is certain: a rule that is said never to apply gives nothing for any purchase
from now on. What is not said may still be so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from itertools import combinations
from operator import and_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from loyalty.earning.vocabulary.earner import GroupCondition, TierCondition
from loyalty.earning.vocabulary.effects import POINTS, Stage
from loyalty.earning.vocabulary.history import NthPurchaseCondition
from loyalty.earning.vocabulary.lines import (
    BrandCondition,
    CategoryCondition,
    ListCondition,
    Match,
    SkuCondition,
)
from loyalty.earning.vocabulary.moment import DatesCondition, HoursCondition
from loyalty.earning.vocabulary.place import ChannelCondition, RegionCondition, StoreCondition
from loyalty.earning.vocabulary.triggers import PurchaseTrigger
from loyalty.earning.wording import WEEK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from loyalty.earning.compiled import Key
    from loyalty.earning.vocabulary.conditions import Condition
    from loyalty.earning.vocabulary.lines import Name
    from loyalty.earning.vocabulary.rule import RuleVersionSpec

MINUTES = 24 * 60
WHOLE_WEEK = (1 << 7 * MINUTES) - 1
DAY = timedelta(days=1)
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Part = TypeVar("Part")


class Caution(NamedTuple):
    """One thing to look at, as a code and values; words come later, in any language."""

    code: str
    params: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to meet: the earliest date on any store's calendar, stores, regions, groups.

    A region is given with the stores that lie in it.
    """

    today: date
    stores: frozenset[str]
    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A version of a rule that counts at some time; ``replaced_at`` another takes its place."""

    key: Key
    name: str
    spec: RuleVersionSpec
    begins: datetime = EVER
    replaced_at: datetime = NEVER

    @property
    def ends(self) -> datetime:
        """Return the moment from which it counts no more."""
        return min(self.spec.ends_at or NEVER, self.replaced_at)

    def meets(self, other: Acting) -> bool:
        """Say whether there is a time at which both count."""
        return self.begins < other.ends and other.begins < self.ends


def never_applies(rule: Acting, others: Iterable[Acting], world: World) -> list[Caution]:
    """Return why a rule gives nothing for any purchase to come; nothing where one might be."""
    own = [*_alone(rule, world)]
    if own or rule.spec.stage != Stage.MULTIPLIER:
        return own
    bases = [one for one in others if _gives_base(one, world)]
    if not bases:
        return [Caution("no_base")]
    if any(_can_meet(rule, base, world) for base in bases):
        return []
    return [Caution("base_apart", {"rules": [base.name for base in bases]})]


def overlaps(rules: Sequence[Acting], world: World) -> list[tuple[Acting, Acting]]:
    """Return the pairs of one stage that both give for the same line of some purchase."""
    possible = [rule for rule in rules if not [*_alone(rule, world)]]
    return [
        (first, second)
        for first, second in combinations(possible, 2)
        if first.key != second.key
        and _gives_alike(first, second)
        and _can_meet(first, second, world)
    ]


def _gives_base(rule: Acting, world: World) -> bool:
    spec = rule.spec
    is_base = spec.stage == Stage.BASE and spec.effect.goal == POINTS
    return is_base and isinstance(spec.trigger, PurchaseTrigger) and not [*_alone(rule, world)]


def _gives_alike(first: Acting, second: Acting) -> bool:
    """Say whether both give the same thing in one stage, and neither stands for the other."""
    one, other = first.spec, second.spec
    group = one.stacking.exclusive_group
    return (
        one.stage == other.stage
        and one.trigger == other.trigger
        and one.effect.goal == other.effect.goal
        and (group is None or group != other.stacking.exclusive_group)
    )


def _can_meet(first: Acting, second: Acting, world: World) -> bool:
    together = (*first.spec.conditions, *second.spec.conditions)
    return first.meets(second) and not [*contradictions(together, world)]


def _alone(rule: Acting, world: World) -> Iterator[Caution]:
    found = list(contradictions(rule.spec.conditions, world))
    yield from found
    first, last = _span(_of(rule.spec.conditions, DatesCondition))
    # A store's calendar may be a day ahead of the clock that the end is told by, or behind it.
    ends = rule.ends.date() + DAY if rule.ends < NEVER else date.max
    begins = rule.begins.date() - DAY if rule.begins > EVER else date.min
    if not found and (first > ends or last < begins):
        yield Caution("dates_apart")


def contradictions(conditions: Sequence[Condition], world: World) -> Iterator[Caution]:
    """Yield what no purchase to come can meet at once."""
    yield from _dates(conditions, world)
    yield from _hours(conditions, world)
    yield from _places(conditions, world)
    yield from _people(conditions, world)
    channels = [frozenset(part.channels) for part in _of(conditions, ChannelCondition)]
    if channels and not reduce(and_, channels):
        yield Caution("channels_apart")
    for kind, code in _SINGLE.items():
        if _none_left(_of(conditions, kind)):
            yield Caution(code)
    if _no_path_left(_of(conditions, CategoryCondition)):
        yield Caution("categories_apart")


_SINGLE: dict[type[ListCondition], str] = {
    BrandCondition: "brands_apart",
    SkuCondition: "skus_apart",
}


def _of(conditions: Iterable[Condition], kind: type[Part]) -> list[Part]:
    return [part for part in conditions if isinstance(part, kind)]


# --- when -------------------------------------------------------------------------------------


def _span(parts: Sequence[DatesCondition]) -> tuple[date, date]:
    first = max((part.from_day or date.min for part in parts), default=date.min)
    return first, min((part.until_day or date.max for part in parts), default=date.max)


def _dates(conditions: Sequence[Condition], world: World) -> Iterator[Caution]:
    first, last = _span(_of(conditions, DatesCondition))
    if last < first:
        yield Caution("dates_apart")
    elif last < world.today:
        yield Caution("dates_over", {"until": last})


def _hours(conditions: Sequence[Condition], world: World) -> Iterator[Caution]:
    hours = reduce(and_, map(_week_of, _of(conditions, HoursCondition)), WHOLE_WEEK)
    first, last = _span(_of(conditions, DatesCondition))
    if not hours:
        yield Caution("hours_apart")
    elif not hours & _days_between(max(first, world.today), last):
        yield Caution("no_such_day")


@lru_cache(maxsize=1024)
def _week_of(part: HoursCondition) -> int:
    """Return the minutes of a week at which the condition holds, a bit for each."""
    days = [WEEK.index(day) for day in part.weekdays or WEEK]
    starts, ends = _minute(part.from_time, 0), _minute(part.to_time, MINUTES)
    lasts = ends - starts if starts < ends else ends - starts + MINUTES
    week = 0
    for day in days:
        span = ((1 << lasts) - 1) << (day * MINUTES + starts)
        week |= (span | span >> 7 * MINUTES) & WHOLE_WEEK  # Sunday night runs into Monday
    return week


def _minute(clock: time | None, otherwise: int) -> int:
    return otherwise if clock is None else clock.hour * 60 + clock.minute


def _days_between(first: date, last: date) -> int:
    """Return the minutes of the weekdays that lie between two dates."""
    count = (last - first).days + 1
    if not 0 < count < 7:
        return WHOLE_WEEK
    days = {(first + timedelta(days=n)).weekday() for n in range(count)}
    return sum(((1 << MINUTES) - 1) << (day * MINUTES) for day in days)


# --- where ------------------------------------------------------------------------------------


def _places(conditions: Sequence[Condition], world: World) -> Iterator[Caution]:
    """Look for a store that is named, or lies in a region that is named, by every condition."""
    left = world.stores
    asked = [part for part in conditions if isinstance(part, (StoreCondition, RegionCondition))]
    for part in _of(conditions, StoreCondition):
        if world.stores.isdisjoint(part.stores):
            yield Caution("stores_gone", {"stores": part.stores})
            return
        left &= frozenset(part.stores)
    for area in _of(conditions, RegionCondition):
        stores = {store for one in area.regions for store in world.regions.get(one, ())}
        if world.stores.isdisjoint(stores):
            yield Caution("regions_empty", {"regions": area.regions})
            return
        left &= stores
    if asked and not left:
        yield Caution("stores_apart")


# --- who --------------------------------------------------------------------------------------


def _people(conditions: Sequence[Condition], world: World) -> Iterator[Caution]:
    for part in _of(conditions, GroupCondition):
        if world.groups.isdisjoint(part.groups):
            yield Caution("groups_gone", {"groups": part.groups})
            return
    tiers = [frozenset(one.tiers) for one in _of(conditions, TierCondition) if not one.or_higher]
    if tiers and not reduce(and_, tiers):
        yield Caution("tiers_apart")
    numbers = _of(conditions, NthPurchaseCondition)
    once = {part.number for part in numbers if not part.every}
    again = [part.number for part in numbers if part.every]
    if len(once) > 1 or any(number % every for number in once for every in again):
        yield Caution("purchases_apart")


# --- what -------------------------------------------------------------------------------------


def _none_left(parts: Sequence[ListCondition]) -> bool:
    """Say whether no name is on every list and on none that leaves out."""
    wanted = [part.keys for part in parts if part.match != Match.NONE]
    return bool(wanted) and reduce(and_, wanted) <= _left_out(parts)


def _left_out(parts: Sequence[ListCondition]) -> frozenset[Name]:
    out: frozenset[Name] = frozenset()
    return out.union(*(part.keys for part in parts if part.match == Match.NONE))


def _no_path_left(parts: Sequence[CategoryCondition]) -> bool:
    """Say whether no category path meets every list; names may stand anywhere in a path."""
    out = _left_out(parts)
    wanted = [
        [name for name in part.keys if not _is_left_out(name, out)]
        for part in parts
        if part.match != Match.NONE
    ]
    if not all(wanted):
        return True
    return any(
        not any(_on_one_path(one, other) for one in first for other in second)
        for first, second in combinations(wanted, 2)
    )


def _is_left_out(name: Name, out: frozenset[Name]) -> bool:
    if isinstance(name, str):
        return name in out
    above = {name[:depth] for depth in range(1, len(name) + 1)}
    return not out.isdisjoint(above | set(name))


def _on_one_path(one: Name, other: Name) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return True
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth]
