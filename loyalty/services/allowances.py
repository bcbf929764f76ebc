"""What accounts may still be given and what they bring along, read under their locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from django.db.models.functions import Coalesce, TruncDate

from core.days import local_day
from loyalty.earning.compiled import CompiledRule, Key
from loyalty.earning.engine import EVERYWHERE, NOTHING, Standing
from loyalty.earning.outcome import Outcome
from loyalty.earning.units import Goal, Unit
from loyalty.earning.vocabulary.limits import LimitKind, Room
from loyalty.models import Award, StampCardVersion
from loyalty.services.carries import Carries, carries_of
from loyalty.services.limits import Given, given_so_far
from loyalty.services.rulebook import CHALLENGES, STAMP_CARDS, ProgramRules

OPEN_BY_PART = {Unit.STAMPS: STAMP_CARDS, Unit.STEPS: CHALLENGES}


@dataclass(frozen=True, slots=True)
class Allowed:
    """The room that limits leave, and what the account brings along, for one evaluation."""

    room: Mapping[Key, Room | None] = field(default_factory=lambda: EVERYWHERE)
    standing: Standing = NOTHING

    @property
    def matters(self) -> bool:
        """Say whether the evaluation may come out another way than for a newcomer."""
        return bool(self.room) or self.standing is not NOTHING


NEWCOMER = Allowed()


@dataclass(slots=True)
class Allowances:
    """Limits, budgets, what is carried over and what cards take, for some accounts."""

    zone: ZoneInfo
    given: Given
    carries: Carries
    on_cards: dict[tuple[int, str, date], int]

    def of(
        self, account_id: int, rules: ProgramRules, counting: Sequence[CompiledRule], at: datetime
    ) -> Allowed:
        """Return what these rules may give to an account at that moment."""
        day = local_day(at, self.zone)
        room = self.given.room(account_id, day, counting)
        goals = {rule.goal for rule in counting if rule.goal is not None}
        if not goals and not any(rule.carries for rule in counting):
            return Allowed(room) if room else Allowed()
        standing = Standing(
            self.carries.of(account_id, counting),
            {
                goal: self._room(account_id, day, goal, part)
                for goal, part in _open(goals, rules, at)
            },
        )
        return Allowed(room, standing)

    def add(self, account_id: int, at: datetime, outcome: Outcome) -> None:
        """Count what was just given."""
        day = local_day(at, self.zone)
        self.given.add(account_id, day, outcome)
        for award in outcome.awards:
            if award.goal.unit is Unit.STAMPS:
                self.on_cards[account_id, award.goal.target, day] += award.awarded

    def store(self) -> None:
        """Write the budgets that were drawn on."""
        self.given.store()

    def _room(self, account_id: int, day: date, goal: Goal, version_key: int | None) -> Room | None:
        most = _per_day(version_key) if goal.unit is Unit.STAMPS and version_key else None
        if most is None:
            return None
        left = most - self.on_cards[account_id, goal.target, day]
        return Room(max(0, left), LimitKind.CARD)


def allowances(
    account_ids: Iterable[int],
    counting: Iterable[CompiledRule],
    zone: ZoneInfo,
    *,
    lock: bool = True,
) -> Allowances:
    """Read what the rules that count may give these accounts, locking budgets that may be used."""
    accounts = list(account_ids)
    every = list({rule.version_key: rule for rule in counting}.values())
    return Allowances(
        zone=zone,
        given=given_so_far(accounts, every, zone, lock=lock),
        carries=carries_of(accounts, {int(rule.key) for rule in every if rule.carries}),
        on_cards=_on_cards(accounts, every, zone),
    )


def _open(
    goals: Iterable[Goal], rules: ProgramRules, at: datetime
) -> Iterable[tuple[Goal, int | None]]:
    """Yield what can be given at that moment, a card with its version; others are always open."""
    for goal in goals:
        kind = OPEN_BY_PART.get(goal.unit)
        if kind is None:
            yield goal, None
            continue
        for part in rules.parts_at(kind, at):
            if part.code == goal.target:
                yield goal, part.version_key


def _on_cards(
    accounts: Sequence[int], rules: Iterable[CompiledRule], zone: ZoneInfo
) -> dict[tuple[int, str, date], int]:
    """Count the stamps of each day, over all rules and without what came back."""
    found: dict[tuple[int, str, date], int] = defaultdict(int)
    cards = {rule.goal.target for rule in rules if rule.goal and rule.goal.unit is Unit.STAMPS}
    if not cards:
        return found
    awards = Award.objects.filter(account__in=accounts, unit=Award.Unit.STAMPS, target__in=cards)
    at = Coalesce("purchase__occurred_at", "activity__occurred_at")
    by_day = awards.annotate(day=TruncDate(at, tzinfo=zone)).values("account_id", "target", "day")
    summed = by_day.annotate(stamps=Sum(F("awarded") - F("reversed"))).order_by()
    for account_id, card, day, stamps in summed.values_list(
        "account_id", "target", "day", "stamps"
    ):
        found[account_id, card, day] = stamps
    return found


@lru_cache(maxsize=1024)
def _per_day(version_key: int) -> int | None:
    # A version never changes, so it is read once per process.
    spec: Any = StampCardVersion.objects.values_list("spec", flat=True).get(pk=version_key)
    most: int | None = spec.get("per_day")
    return most
