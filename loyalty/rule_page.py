"""What the office's pages of rules show, finished: sentences, figures, the history, a trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import Organization
from core.queries import stores_of, team_of
from loyalty.earning.describe import describe
from loyalty.earning.explain import sentence
from loyalty.earning.outcome import Outcome
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.forms.rules import Known
from loyalty.forms.typed import written
from loyalty.models import Program, Rule, RuleVersion
from loyalty.queries import (
    brands_of,
    categories_of,
    points_by_rule,
    programs_of,
    rule_versions,
    rules_of,
)
from loyalty.rule_history import ALWAYS, UNDATED, counting

POINTS_DAYS = 30
CATEGORIES_MAX = 400


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list."""

    name: str
    url: str
    state: str
    label: str
    sentence: str
    since: datetime | None
    is_from_beginning: bool
    points: int
    budget_used: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a rule says, said or will say: in words, from when on, by whom."""

    number: int
    sentence: str
    since: datetime | None
    is_from_beginning: bool
    author: str
    written_at: datetime
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class TrialRow:
    """What one rule would give for an imagined purchase, or why nothing."""

    text: str
    detail: str
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What an imagined purchase would earn by the rule, and by all rules together."""

    points: int
    total: int
    reasons: Sequence[TrialRow]
    others: Sequence[TrialRow]


def rule_rows(organization: Organization, program: Program) -> list[RuleRow]:
    """Return every rule of a program with what it says now and what it gave."""
    rules = list(rules_of(organization).filter(program=program).select_related("budget"))
    versions = rule_versions(rules)
    now = timezone.now()
    given = points_by_rule(program, since=now - timedelta(days=POINTS_DAYS))
    return [
        _row(organization, rule, versions[rule.pk], given.get(rule.pk, 0), now) for rule in rules
    ]


def _row(
    organization: Organization, rule: Rule, versions: list[RuleVersion], points: int, now: datetime
) -> RuleRow:
    shown = in_force(versions, now)
    spec = parse_rule(shown.spec)
    return RuleRow(
        name=rule.name,
        url=reverse("office:rule", args=[organization.slug, rule.public_id]),
        state=rule.status,
        label=rule.get_status_display(),
        sentence=describe(spec, organization.currency),
        since=_since(shown),
        is_from_beginning=shown.effective_from <= ALWAYS and rule.status != Rule.Status.DRAFT,
        points=points,
        budget_used=rule.budget.used if hasattr(rule, "budget") else 0,
        budget=spec.limits.budget,
    )


def in_force(versions: Sequence[RuleVersion], now: datetime) -> RuleVersion:
    """Return the version that counts now; of a rule that never counted, what it is to say."""
    ever = counting(versions)
    begun = [version for version in ever if version.effective_from <= now]
    return begun[-1] if begun else ever[0]


def waiting(versions: Sequence[RuleVersion], now: datetime) -> RuleVersion | None:
    """Return the version that has not begun yet and will, if there is one."""
    later = [one for one in counting(versions) if now < one.effective_from < UNDATED]
    return later[-1] if later else None


def _since(version: RuleVersion) -> datetime | None:
    return None if version.effective_from == UNDATED else version.effective_from


def sentence_of(data: Any, currency: str) -> str:
    """Say in one sentence what a version says."""
    return describe(parse_rule(data), currency)


def history(
    organization: Organization, rule: Rule, versions: Sequence[RuleVersion]
) -> list[VersionRow]:
    """Return every version of a rule, the newest first, with whoever wrote it."""
    now = timezone.now()
    ever = {version.pk for version in counting(versions)}
    current = in_force(versions, now).pk if rule.status == Rule.Status.ACTIVE else None
    authors = _authors(organization, versions)
    return [
        VersionRow(
            version.number,
            sentence_of(version.spec, organization.currency),
            _since(version),
            version.effective_from <= ALWAYS,
            authors.get(version.created_by, _("by the system")),
            version.created_at,
            *_state(version, current, is_kept=version.pk in ever, now=now),
        )
        for version in reversed(versions)
    ]


def _state(
    version: RuleVersion, current: int | None, *, is_kept: bool, now: datetime
) -> tuple[str, str]:
    if version.pk == current:
        return "active", _("Counts now")
    if not is_kept:
        return "ended", _("Never counted")
    if version.effective_from == UNDATED:
        return "draft", _("Draft")
    return ("paused", _("Waits")) if version.effective_from > now else ("ended", _("Before"))


def _authors(organization: Organization, versions: Iterable[RuleVersion]) -> dict[str, str]:
    """Return the names of the staff who wrote versions, by what the version keeps of them."""
    kept = {version.created_by.partition(":")[2] for version in versions}
    ids = [int(key) for key in kept if key.isdigit()]
    team = team_of(organization).filter(pk__in=ids).values_list("pk", "name")
    return {f"staff:{pk}": _("by %(name)s") % {"name": name} for pk, name in team}


def known_to(organization: Organization) -> Known:
    """Return what a rule of the organization can be about."""
    stores = stores_of(organization).values_list("code", "name")
    paths = {
        path[:depth]
        for path in map(tuple, categories_of(organization))
        for depth in range(1, len(path) + 1)
    }
    return Known(
        stores=tuple(stores),
        categories=tuple((path, path) for path in _widest_first(paths)[:CATEGORIES_MAX]),
        brands=tuple((brand, brand) for brand in brands_of(organization)),
    )


def _widest_first(paths: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the paths as forms write them, so that what is cut off is narrow."""
    return [written(path) for path in sorted(paths, key=lambda path: (len(path), path))]


def program_chosen(organization: Organization, slug: str | None) -> Program | None:
    """Return the program of an address, or the first one that has not ended."""
    programs = list(programs_of(organization))
    if slug:
        return next((one for one in programs if one.slug == slug), None)
    alive = [one for one in programs if one.status != Program.Status.ENDED]
    return next(iter(alive or programs), None)


def trial_of(outcome: Outcome, rule_id: int, currency: str) -> Trial:
    """Say what an imagined purchase would earn: first by this rule, then by the others."""
    mine: list[TrialRow] = []
    others: list[TrialRow] = []
    for award in outcome.awards:
        row = TrialRow(award.name, _why(award.why, currency), award.awarded)
        (mine if award.rule == rule_id else others).append(row)
    missed = [one for one in outcome.not_applied if one.rule == rule_id]
    mine += [TrialRow(one.name, _why(one.why, currency), 0) for one in missed]
    return Trial(sum(row.points or 0 for row in mine), outcome.points, mine, others)


def _why(reasons: Iterable[Reason], currency: str) -> str:
    return " · ".join(sentence(reason, currency) for reason in reasons)
