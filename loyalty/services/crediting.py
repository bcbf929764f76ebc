"""Posts what rules give: one entry, one lot per date of availability and of end, and the awards."""

from __future__ import annotations

from datetime import datetime

from core.bulk import fresh
from loyalty.earning.explain import stored
from loyalty.earning.outcome import Outcome, RuleAward
from loyalty.earning.vocabulary.effects import POINTS
from loyalty.models import Activity, Award, Lot, Purchase
from loyalty.services.ledger import Book, Cause, Credit, earn
from loyalty.services.recorded import Earned
from loyalty.services.rulebook import ProgramRules
from loyalty.waiting import Dates, awaited, dates_of


def credit(
    book: Book,
    rules: ProgramRules,
    part: Earned,
    cause: Cause,
    *,
    purchase: Purchase | None = None,
    activity: Activity | None = None,
) -> None:
    """Post what a purchase or an activity earns in one program; only points enter the ledger.

    The awards are stored with the book, after their entry.
    """
    assert part.account_id is not None, "an award belongs to an account"
    at = min(cause.occurred_at, book.now)
    credits_ = _credits(rules, part.outcome, at)
    lots: dict[Dates, Lot] = {}
    if credits_:
        part.entry = earn(book, part.account_id, list(credits_.values()), cause)
        made = [lot for lot in book.lots[part.account_id] if lot.entry is part.entry]
        lots = dict(zip(credits_, made, strict=True))
    part.awards = [
        _award(part, award, lots.get(_dates(rules, award, at)), purchase, activity)
        for award in part.outcome.awards
    ]
    book.awards += part.awards


def _credits(rules: ProgramRules, outcome: Outcome, at: datetime) -> dict[Dates, Credit]:
    credits_: dict[Dates, Credit] = {}
    for award in outcome.awards:
        if award.awarded and award.goal is POINTS:
            dates = _dates(rules, award, at)
            before = credits_[dates].points if dates in credits_ else 0
            credits_[dates] = Credit(before + award.awarded, *dates)
    return credits_


def _dates(rules: ProgramRules, award: RuleAward, at: datetime) -> Dates:
    terms = rules.terms
    return dates_of(at, awaited(award, terms), award.expires or terms.expiry, rules.zone)


def _award(
    part: Earned,
    award: RuleAward,
    lot: Lot | None,
    purchase: Purchase | None,
    activity: Activity | None,
) -> Award:
    has_points = bool(award.awarded) and award.goal is POINTS
    return fresh(
        Award,
        purchase=purchase,
        activity=activity,
        account_id=part.account_id,
        rule_version_id=award.version_key,
        entry=part.entry if has_points else None,
        lot=lot if has_points else None,
        unit=award.goal.unit.value,
        target=award.goal.target,
        desired=award.desired,
        awarded=award.awarded,
        lines=[list(share) for share in award.lines],
        why=[stored(reason) for reason in award.why],
    )
