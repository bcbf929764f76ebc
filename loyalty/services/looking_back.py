"""Reckons what a rule would have given for the purchases of the last weeks, before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from core.models import Organization
from loyalty.earning.engine import EVERYWHERE, NOTHING, evaluate
from loyalty.earning.outcome import Outcome
from loyalty.earning.vocabulary.triggers import ActivityTrigger
from loyalty.models import Program, Purchase
from loyalty.receipts import ReceiptDraft
from loyalty.services.facts import Facts, facts_for
from loyalty.services.on_record import draft_on_record, unreturned
from loyalty.services.rulebook import ProgramRules, rulebooks
from loyalty.services.spending import worth_of
from loyalty.services.trying import TRIED, RuleOnTrial, with_trials

DAYS = 28
SALES_MAX = 500  # so many of the latest are looked at, which takes a fraction of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """What a rule would have given beside the other rules, without its limits and budgets.

    ``sales`` members had in these ``days``, of which the latest ``looked_at`` were reckoned and
    ``reached`` got something; ``points`` is what it would have been for all of them, ``others``
    what the other rules come to. ``worth`` is said where the program says what a point is worth.
    """

    days: int
    sales: int
    looked_at: int
    reached: int
    points: int
    others: int
    worth: Decimal | None = None

    @property
    def is_part(self) -> bool:
        """Say whether the figures are drawn from a part of the purchases."""
        return self.looked_at < self.sales

    @property
    def share(self) -> int | None:
        """Return how many percent more points that is than the other rules give."""
        return self.points * 100 // self.others if self.others > 0 else None


def look_back(
    *, organization: Organization, program: Program, rule: RuleOnTrial, now: datetime
) -> LookBack | None:
    """Reckon what the rule would have given for the purchases of members in the last four weeks.

    It asks a fixed number of questions. Of a rule that asks for no purchase nothing is said.
    """
    if isinstance(rule.spec.trigger, ActivityTrigger):
        return None
    sold = Purchase.objects.filter(
        organization=organization,
        member__isnull=False,
        occurred_at__gt=now - timedelta(days=DAYS),
        occurred_at__lte=now,
    )
    sales, (drafts, recorded) = sold.count(), _latest(sold)
    [book] = rulebooks(Program.objects.filter(pk=program.pk, organization=organization))
    before = _outcomes(book, drafts, recorded)
    after = _outcomes(with_trials(book, [rule]), drafts, recorded)
    others, together = _points(before), _points(after)
    looked_at = min(sales, SALES_MAX)
    points = (together - others) * sales // max(1, looked_at)
    return LookBack(
        days=DAYS,
        sales=sales,
        looked_at=looked_at,
        reached=sum(any(award.version_key == TRIED for award in one.awards) for one in after),
        points=points,
        others=others * sales // max(1, looked_at),
        worth=worth_of(program, organization.currency, points) if points > 0 else None,
    )


def _latest(sold: QuerySet[Purchase]) -> tuple[list[ReceiptDraft], list[int]]:
    """Return the latest receipts of which something is left, in their order, and their ids."""
    whole = sold.select_related("organization", "store").prefetch_related("lines", "payments")
    latest = whole.order_by("-occurred_at", "-pk")[:SALES_MAX]
    rows = [(row, unreturned(row.lines.all())) for row in latest]
    kept = [(row, lines) for row, lines in reversed(rows) if lines]
    drafts = [draft_on_record(row, lines, row.payments.all()) for row, lines in kept]
    return drafts, [row.pk for row, _lines in kept]


def _outcomes(
    book: ProgramRules, drafts: Sequence[ReceiptDraft], recorded: Sequence[int]
) -> list[Outcome]:
    facts = facts_for([book], drafts, recorded=recorded)
    return [_outcome(book, draft, facts) for draft in drafts]


def _outcome(book: ProgramRules, draft: ReceiptDraft, facts: Facts) -> Outcome:
    known, counting = facts.about(book, draft), book.at(draft.occurred_at)
    receipt = known.of(draft.receipt)
    return evaluate(receipt, known.earner, counting, book.policy, EVERYWHERE, NOTHING)


def _points(outcomes: Sequence[Outcome]) -> int:
    return sum(one.points for one in outcomes)
