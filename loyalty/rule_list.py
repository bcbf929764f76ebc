"""What the office's list of rules shows: by stage, as they act, with what to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.caution_words import Advice, advice_of
from loyalty.earning.cautions import Caution
from loyalty.earning.describe import describe
from loyalty.earning.vocabulary.effects import Stage
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.earning.vocabulary.triggers import ActivityTrigger
from loyalty.earning.wording import Wording
from loyalty.models import Program, Rule
from loyalty.queries import points_by_rule, rule_versions, rules_of
from loyalty.rule_page import Standing, in_force, standing
from loyalty.services.advice import cautions_for

POINTS_DAYS = 30
FOR_ACTIVITIES = "activities"
IN_ORDER = ("active", "scheduled", "draft", "paused", "over")

STAGES: Mapping[str, tuple[Promise, Promise]] = {
    Stage.BASE: (
        _("First: the points of a purchase"),
        _("Each of these gives for itself, and they add up."),
    ),
    Stage.MULTIPLIER: (
        _("Then: multiples of those points"),
        _("Each works on the points above. They do not multiply one another."),
    ),
    Stage.BONUS: (_("Last: on top"), _("What these give is multiplied by nothing.")),
    FOR_ACTIVITIES: (
        _("Apart from purchases"),
        _("Given when a member does something else, such as joining or writing a review."),
    ),
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list."""

    name: str
    url: str
    standing: Standing
    stage: str
    sentence: str
    points: int
    budget_used: int = 0
    budget: int | None = None
    group: str = ""
    advice: Sequence[Advice] = ()

    @property
    def is_acting(self) -> bool:
        """Say whether the rule gives something now."""
        return self.standing.state == "active"

    @property
    def budget_percent(self) -> int:
        """Return how much of the budget is used, for a bar."""
        return min(100, self.budget_used * 100 // self.budget) if self.budget else 0


@dataclass(frozen=True, slots=True)
class StageRows:
    """The rules that count at one stage, in the order in which they are asked."""

    title: str | Promise
    text: str | Promise
    rows: Sequence[RuleRow]


def rule_rows(
    organization: Organization, program: Program, *, with_advice: bool = False
) -> list[RuleRow]:
    """Return every rule of a program with what it says now, what it gave and what to look at."""
    rules = list(rules_of(organization).filter(program=program).select_related("budget"))
    versions = rule_versions(rules)
    now = timezone.now()
    given = points_by_rule(program, since=now - timedelta(days=POINTS_DAYS))
    found: Mapping[int, Sequence[Caution]] = {}
    if with_advice:
        program.organization = organization
        found = cautions_for(program=program, rules=rules, versions=versions, now=now)
    return [
        _row(
            organization,
            rule,
            standing(rule, versions[rule.pk], now),
            parse_rule(in_force(versions[rule.pk], now).spec),
            given.get(rule.pk, 0),
            found.get(rule.pk, ()),
        )
        for rule in rules
    ]


def by_stage(rows: Sequence[RuleRow]) -> list[StageRows]:
    """Return the rules as they act: stage by stage, those first that give something now.

    Those that have ended for good are left out.
    """
    found: dict[str, list[RuleRow]] = defaultdict(list)
    for state in IN_ORDER:
        for row in rows:
            if row.standing.state == state:
                found[row.stage].append(row)
    return [
        StageRows(title, text, found[stage])
        for stage, (title, text) in STAGES.items()
        if found[stage]
    ]


def _row(
    organization: Organization,
    rule: Rule,
    stands: Standing,
    spec: RuleVersionSpec,
    points: int,
    cautions: Sequence[Caution],
) -> RuleRow:
    slug, currency = organization.slug, organization.currency
    edit = reverse("office:edit_rule", args=[slug, rule.public_id])
    say = Wording.for_reader(currency)
    is_for_purchases = not isinstance(spec.trigger, ActivityTrigger)
    return RuleRow(
        name=rule.name,
        url=reverse("office:rule", args=[slug, rule.public_id]),
        standing=stands,
        stage=spec.stage if is_for_purchases else FOR_ACTIVITIES,
        sentence=describe(spec, currency),
        points=points,
        budget_used=rule.budget.used if hasattr(rule, "budget") else 0,
        budget=spec.limits.budget,
        group=spec.stacking.exclusive_group or "",
        advice=[advice_of(one, say, edit) for one in cautions],
    )
