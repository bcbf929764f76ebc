"""What the office's page of one rule shows, finished: where it stands, its history, a trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import Organization
from core.queries import regions_of, stores_of, team_of
from loyalty.earning.changes import Change, changes
from loyalty.earning.describe import describe
from loyalty.earning.explain import sentence
from loyalty.earning.outcome import Outcome
from loyalty.earning.reasons import Reason
from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.wording import Wording
from loyalty.forms.rules import Known
from loyalty.forms.typed import written
from loyalty.models import Program, Rule, RuleVersion
from loyalty.queries import brands_of, categories_of, programs_of
from loyalty.rule_history import ALWAYS, UNDATED, counting, end_in, is_over
from loyalty.services.naming import newest_tiers
from loyalty.services.promises import targets_of
from members.queries import attributes_of, groups_of

CATEGORIES_MAX = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a rule stands at a moment, plain to see: a state, its word, and since or until when."""

    state: str
    label: str
    since: datetime | None = None
    is_from_beginning: bool = False
    begins: datetime | None = None
    ends: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Say whether the rule has come to the end that was set for it."""
        return self.state == "over"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a rule says, said or will say: in words, from when on, by whom, and what was changed."""

    number: int
    sentence: str
    since: datetime | None
    is_from_beginning: bool
    author: str
    written_at: datetime
    state: str
    label: str
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a rule beside each other."""

    first: int
    second: int
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """What one rule would give for an imagined purchase, or why nothing."""

    text: str
    detail: str
    points: int | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an imagined purchase would earn by the rule, and by all rules together."""

    points: int
    total: int
    reasons: Sequence[TrialRow]
    others: Sequence[TrialRow]


def in_force(versions: Sequence[RuleVersion], now: datetime) -> RuleVersion:
    """Return the version that counts now; of a rule that never counted, what it is to say."""
    ever = counting(versions)
    begun = [version for version in ever if version.effective_from <= now]
    return begun[-1] if begun else ever[0]


def waiting(versions: Sequence[RuleVersion], now: datetime) -> RuleVersion | None:
    """Return the version that has not begun yet and will, if there is one."""
    later = [one for one in counting(versions) if now < one.effective_from < UNDATED]
    return later[0] if later else None


def standing(rule: Rule, versions: Sequence[RuleVersion], now: datetime) -> Standing:
    """Say where a rule stands; one that is switched on may wait for its day, or be over."""
    shown, later = in_force(versions, now), waiting(versions, now)
    begins = later.effective_from if later else None
    if rule.status != Rule.Status.ACTIVE:
        return Standing(rule.status, rule.get_status_display(), _since(shown), begins=begins)
    ends = end_in(shown.spec)
    if shown.effective_from > now or (begins and is_over(ends, now)):
        return Standing("scheduled", _("Begins later"), begins=begins)
    if is_over(ends, now):
        return Standing("over", _("Over"), ends=ends)
    is_from_beginning = shown.effective_from <= ALWAYS
    return Standing(
        "active", rule.get_status_display(), _since(shown), is_from_beginning, begins, ends
    )


def _since(version: RuleVersion) -> datetime | None:
    return None if version.effective_from == UNDATED else version.effective_from


def sentence_of(data: Any, currency: str) -> str:
    """Say in one sentence what a version says."""
    return describe(parse_rule(data), currency)


def history(
    organization: Organization, rule: Rule, versions: Sequence[RuleVersion]
) -> list[VersionRow]:
    """Return every version of a rule, the newest first: who wrote it, and what it changed."""
    now = timezone.now()
    ever = counting(versions)
    changed = _changes_from_one_to_the_next(ever, organization.currency)
    authors = _authors(organization, versions)
    counts_now = in_force(versions, now).pk if rule.status == Rule.Status.ACTIVE else None
    return [
        VersionRow(
            version.number,
            sentence_of(version.spec, organization.currency),
            _since(version),
            version.effective_from <= ALWAYS,
            authors.get(version.created_by, _("by the system")),
            version.created_at,
            *_state(version, now, is_kept=version in ever, is_latest=version.pk == counts_now),
            changes=changed.get(version.pk, ()),
        )
        for version in reversed(versions)
    ]


def compared(
    organization: Organization, versions: Sequence[RuleVersion], first: int, second: int
) -> Comparison | None:
    """Return what two versions say differently; nothing where one of them is not there."""
    by_number = {version.number: version for version in versions}
    if first not in by_number or second not in by_number:
        return None
    before, after = (parse_rule(by_number[number].spec) for number in (first, second))
    return Comparison(first, second, changes(before, after, organization.currency))


def _changes_from_one_to_the_next(
    ever: Sequence[RuleVersion], currency: str
) -> dict[int, list[Change]]:
    return {
        after.pk: changes(parse_rule(before.spec), parse_rule(after.spec), currency)
        for before, after in pairwise(ever)
    }


def _state(
    version: RuleVersion, now: datetime, *, is_kept: bool, is_latest: bool
) -> tuple[str, str]:
    if not is_kept:
        return "ended", _("Never counted")
    if version.effective_from == UNDATED:
        return "draft", _("Draft")
    if version.effective_from > now:
        return "scheduled", _("Begins later")
    if is_latest and not is_over(end_in(version.spec), now):
        return "active", _("Counts now")
    return "ended", _("Before")


def _authors(organization: Organization, versions: Iterable[RuleVersion]) -> dict[str, str]:
    """Return the names of the staff who wrote versions, by what the version keeps of them."""
    kept = {version.created_by.partition(":")[2] for version in versions}
    ids = [int(key) for key in kept if key.isdigit()]
    team = team_of(organization).filter(pk__in=ids).values_list("pk", "name")
    return {f"staff:{pk}": _("by %(name)s") % {"name": name} for pk, name in team}


def known_to(organization: Organization, program: Program) -> Known:
    """Return what a rule of the program can be about."""
    regions = regions_of(organization).prefetch_related(None)
    stores = stores_of(organization).values_list("code", "name")
    paths = {
        path[:depth]
        for path in map(tuple, categories_of(organization))
        for depth in range(1, len(path) + 1)
    }
    return Known(
        stores=tuple(stores),
        regions=tuple(regions.values_list("code", "name")),
        tiers=tuple((tier.code, tier.name) for tier in newest_tiers(program)),
        groups=tuple(groups_of(organization).values_list("code", "name")),
        attributes=tuple(attributes_of(organization).values_list("name", "label")),
        categories=tuple((path, path) for path in _widest_first(paths)[:CATEGORIES_MAX]),
        brands=tuple((brand, brand) for brand in brands_of(organization)),
        cards=tuple(targets_of(program, Unit.STAMPS)),
        challenges=tuple(targets_of(program, Unit.STEPS)),
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
    say = Wording.for_reader(currency)
    for award in outcome.awards:
        given = say.counted(award.goal.unit, award.awarded)
        row = TrialRow(award.name, _why(award.why, currency), given=given)
        if award.goal.unit is Unit.POINTS:
            row = TrialRow(award.name, _why(award.why, currency), award.awarded)
        (mine if award.rule == rule_id else others).append(row)
    missed = [one for one in outcome.not_applied if one.rule == rule_id]
    mine += [TrialRow(one.name, _why(one.why, currency), 0) for one in missed]
    return Trial(sum(row.points or 0 for row in mine), outcome.points, mine, others)


def _why(reasons: Iterable[Reason], currency: str) -> str:
    return " · ".join(sentence(reason, currency) for reason in reasons)
