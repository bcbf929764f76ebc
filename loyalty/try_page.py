"""What a trial of a basket shows, finished: line by line, rule by rule, and what did not apply."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from core.models import Organization
from core.templatetags.formats import number
from loyalty.earning.explain import sentence
from loyalty.earning.outcome import NotApplied, RuleAward
from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import Line
from loyalty.earning.units import Unit
from loyalty.earning.wording import Wording
from loyalty.services.recorded import Earned


@dataclass(frozen=True, slots=True)
class TriedRule:
    """What one rule gives for the basket, or why nothing; ``points`` is none for other things."""

    text: str
    detail: str
    url: str = ""
    points: int | None = None
    given: str = ""
    is_capped: bool = False
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class TriedLine:
    """What one line of the basket gives, and by which rules."""

    title: str
    amount: Decimal
    points: int
    by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """The whole answer to a trial; ``worth`` is what the points cost, where that is said."""

    points: int
    total: Decimal
    worth: Decimal | None
    lines: Sequence[TriedLine]
    applied: Sequence[TriedRule]
    not_applied: Sequence[TriedRule]


def tried(
    organization: Organization, earned: Earned, lines: Sequence[Line], drafts: Iterable[int]
) -> Tried:
    """Say what a basket would earn: by line, by rule, and which rules left it alone and why."""
    say = _Saying(organization, earned.rule_ids, frozenset(drafts))
    outcome, value = earned.outcome, earned.program.terms.point_value
    return Tried(
        points=outcome.points,
        total=sum((line.amount for line in lines), Decimal(0)),
        worth=None if value is None else outcome.points * value,
        lines=_lines(lines, outcome.awards),
        applied=[say.applied(award) for award in outcome.awards],
        not_applied=[say.left_out(one) for one in outcome.not_applied],
    )


@dataclass(frozen=True, slots=True)
class _Saying:
    """How the rules of one answer are told."""

    organization: Organization
    rule_ids: Mapping[int, str]
    drafts: frozenset[int]

    def applied(self, award: RuleAward) -> TriedRule:
        is_points = award.goal.unit is Unit.POINTS
        say = Wording.for_reader(self.organization.currency)
        return TriedRule(
            award.name,
            self._why(award.why),
            self._url(award),
            points=award.awarded if is_points else None,
            given="" if is_points else say.counted(award.goal.unit, award.awarded),
            is_capped=award.awarded < award.desired,
            is_draft=award.rule in self.drafts,
        )

    def left_out(self, one: NotApplied) -> TriedRule:
        return TriedRule(
            one.name, self._why(one.why), self._url(one), is_draft=one.rule in self.drafts
        )

    def _why(self, reasons: Iterable[Reason]) -> str:
        return " · ".join(sentence(reason, self.organization.currency) for reason in reasons)

    def _url(self, one: RuleAward | NotApplied) -> str:
        public_id = self.rule_ids.get(int(one.rule))
        return reverse("office:rule", args=[self.organization.slug, public_id]) if public_id else ""


def _lines(lines: Sequence[Line], awards: Iterable[RuleAward]) -> list[TriedLine]:
    points: dict[int, int] = defaultdict(int)
    by: dict[int, list[str]] = defaultdict(list)
    for award in awards:
        if award.goal.unit is Unit.POINTS:
            for share in award.lines:
                points[share.number] += share.points
                by[share.number].append(
                    _("%(rule)s: %(points)s") % {"rule": award.name, "points": number(share.points)}
                )
    return [
        TriedLine(_title(line), line.amount, points[line.number], by[line.number]) for line in lines
    ]


def _title(line: Line) -> str:
    known = line.name or line.brand or " › ".join(line.category)
    item = known or _("Line %(number)s") % {"number": number(line.number)}
    if line.quantity == 1:
        return item
    return _("%(item)s × %(quantity)s") % {"item": item, "quantity": number(line.quantity)}
