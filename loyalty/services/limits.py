"""How much each limited rule may still give to an account, read under the account's lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from django.db.models.functions import Coalesce, TruncDate

from core.locking import lock_all
from loyalty.earning.compiled import CompiledRule
from loyalty.earning.outcome import Outcome
from loyalty.earning.vocabulary.limits import LimitKind, Room, room_left
from loyalty.models import Award, RuleBudget

PERIODS = (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH, LimitKind.YEAR, LimitKind.EVER)


@dataclass(slots=True)
class Given:
    """What limited rules have given so far: per account and day, and in all."""

    zone: ZoneInfo
    per_day: dict[tuple[int, int], dict[date, int]]
    budgets: dict[int, RuleBudget]
    touched: set[int] = field(default_factory=set)

    def room(
        self, account_id: int, day: date, rules: Iterable[CompiledRule]
    ) -> dict[int | str, Room | None]:
        """Return what each limited rule may still give this account on that day."""
        return {
            rule.key: room_left(rule.spec.limits, self._so_far(account_id, int(rule.key), day))
            for rule in rules
            if is_limited(rule)
        }

    def add(self, account_id: int, day: date, outcome: Outcome) -> None:
        """Count what a purchase was just given."""
        for award in outcome.awards:
            rule_id = int(award.rule)
            self.per_day[account_id, rule_id][day] += award.awarded
            if rule_id in self.budgets and award.awarded:
                self.budgets[rule_id].used += award.awarded
                self.touched.add(rule_id)

    def store(self) -> None:
        """Write the budgets that were drawn on."""
        touched = [self.budgets[rule_id] for rule_id in sorted(self.touched)]
        RuleBudget.objects.bulk_update(touched, ["used"])

    def _so_far(self, account_id: int, rule_id: int, day: date) -> dict[LimitKind, int]:
        days = self.per_day[account_id, rule_id]
        given = {
            kind: sum(points for other, points in days.items() if same_period(kind, day, other))
            for kind in PERIODS
        }
        budget = self.budgets.get(rule_id)
        return {**given, LimitKind.BUDGET: budget.used if budget else 0}


def given_so_far(
    account_ids: Iterable[int], rules: Iterable[CompiledRule], zone: ZoneInfo, *, lock: bool = True
) -> Given:
    """Read what limited rules have given these accounts, locking the budgets that may be used.

    Days are those of purchases and activities in the organization's zone; what returns took back
    is free.
    """
    limited = [rule for rule in rules if is_limited(rule)]
    per_day: dict[tuple[int, int], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    if any(_per_member(rule) for rule in limited):
        for account_id, rule_id, day, points in _awards(account_ids, limited, zone):
            per_day[account_id, rule_id][day] += points
    return Given(zone, per_day, _budgets(limited, lock=lock))


def is_limited(rule: CompiledRule) -> bool:
    """Say whether what the rule gives depends on what it gave before."""
    return bool(rule.spec.limits.by_kind.keys() - {LimitKind.PURCHASE})


def same_period(kind: LimitKind, day: date, other: date) -> bool:
    """Say whether two days fall into the same period; weeks begin on Monday."""
    if kind == LimitKind.DAY:
        return day == other
    if kind == LimitKind.WEEK:
        return _monday(day) == _monday(other)
    if kind == LimitKind.MONTH:
        return (day.year, day.month) == (other.year, other.month)
    return kind == LimitKind.EVER or day.year == other.year


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _per_member(rule: CompiledRule) -> bool:
    return any(kind in rule.spec.limits.by_kind for kind in PERIODS)


def _awards(
    account_ids: Iterable[int], rules: list[CompiledRule], zone: ZoneInfo
) -> Iterable[tuple[int, int, date, int]]:
    awards = Award.objects.filter(
        account_id__in=list(account_ids),
        rule_version__rule_id__in=[rule.key for rule in rules],
    )
    at = Coalesce("purchase__occurred_at", "activity__occurred_at")
    by_day = awards.annotate(day=TruncDate(at, tzinfo=zone)).values(
        "account_id", "rule_version__rule_id", "day"
    )
    summed = by_day.annotate(points=Sum(F("awarded") - F("reversed"))).order_by()
    return summed.values_list("account_id", "rule_version__rule_id", "day", "points")


def _budgets(rules: list[CompiledRule], *, lock: bool) -> dict[int, RuleBudget]:
    rule_ids = sorted(int(rule.key) for rule in rules if rule.spec.limits.budget)
    if not rule_ids:
        return {}
    if lock:
        _make_missing(rule_ids)
    rows = {row.pk: row for row in RuleBudget.objects.filter(rule_id__in=rule_ids)}
    if lock:
        rows = lock_all(RuleBudget, rows)
    return {row.rule_id: row for row in rows.values()}


def _make_missing(rule_ids: list[int]) -> None:
    RuleBudget.objects.bulk_create(
        [RuleBudget(rule_id=rule_id) for rule_id in rule_ids], ignore_conflicts=True
    )
