"""Takes goods and points back once it is planned which: for one return or for many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from core.actors import Actor
from core.bulk import insert_many, update_rows
from core.currencies import decimals_of
from core.errors import Refusal
from core.locking import lock_all
from loyalty.earning.paying import deduction
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.lots import free, has_ended
from loyalty.models import (
    Award,
    AwardReversal,
    Batch,
    Consumption,
    Entry,
    Program,
    Return,
    RuleBudget,
)
from loyalty.services.carried_back import Loss, take_carried
from loyalty.services.followed_returns import following, taken_back
from loyalty.services.following import follow_returns
from loyalty.services.goods_back import store_returns, take_goods
from loyalty.services.granting import withdraw_awarded
from loyalty.services.ledger import Book, Cause, carried_on, missing, open_book, take_back
from loyalty.services.points_back import Back, due_back, give_back
from loyalty.services.sold import Returned, Taking


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who takes returns, for which batch, and whether they can keep money back."""

    actor: Actor
    batch: Batch | None
    deducts: bool = False


def claim_returns(rows: Sequence[Return]) -> list[Refusal | None]:
    """Store the returns that are new; answer each of the others by its refusal."""
    Return.objects.bulk_create(rows, ignore_conflicts=True)
    known = Return.objects.filter(
        organization_id__in={row.organization_id for row in rows},
        source__in={row.source for row in rows},
        external_id__in=[row.external_id for row in rows],
    )
    kept = {(row.source, row.external_id): row for row in known}
    return [_answer(row, kept[row.source, row.external_id]) for row in rows]


def _answer(row: Return, kept: Return) -> Refusal | None:
    row.pk = kept.pk
    if kept.public_id == row.public_id:
        return None
    kind = DuplicateReceipt if kept.content_digest == row.content_digest else ReceiptConflict
    return kind(**{"return": str(kept.public_id)})


def take(
    takings: Sequence[Taking],
    *,
    actor: Actor,
    batch: Batch | None,
    deducts: bool = False,
) -> list[Returned]:
    """Carry out returns in their order; the rows, and what they changed, are stored.

    With ``deducts`` somebody is there who can keep money back from the refund, where the program
    wants that for points that are spent already.
    """
    done = [Returned(taking.row, refund=taking.amount) for taking in takings]
    take_goods(takings)
    _take_points(takings, done, _Desk(actor, batch, deducts=deducts))
    for taking, one in zip(takings, done, strict=True):
        one.row.amount = taking.amount
        one.row.points_reversed, one.row.debt = one.points, one.debt
        one.row.deduction = one.deduction
    store_returns([taking.row for taking in takings])
    return done


def _take_points(takings: Sequence[Taking], done: Sequence[Returned], desk: _Desk) -> None:
    """Put back what was paid with points, then take back what the goods had earned."""
    lost = [list(taking.lost()) for taking in takings]
    coming = [list(taking.coming()) for taking in takings]
    losing = [loss.award for part in lost for loss in part]
    carried = [one for part in coming for one in part]
    backs = due_back([[(sold.purchase, plan.amount) for sold, plan in t.parts] for t in takings])
    spent = [back.entry for part in backs for back in part]
    parts = [(taking.row, sold.purchase) for taking in takings for sold, _plan in taking.parts]
    follows = following(purchase for _row, purchase in parts)
    if not losing and not spent and not follows and not carried:
        return
    accounts = {award.account_id for award in losing} | {entry.account_id for entry in spent}
    accounts |= {account_id for _rules, account_id in follows.values()}
    accounts |= {one.part.account_id for one in carried}
    touched = [*(award.entry_id for award in losing if award.entry_id), *(one.pk for one in spent)]
    with open_book(accounts, actor=desk.actor, batch=desk.batch, touched_by=touched) as book:
        for one, part in zip(done, backs, strict=True):
            _put_back(book, one, part)
        for losses, more in zip(lost, take_carried(book, coming), strict=True):
            losses.extend(more)
        ended = _ended(book, [loss.award for part in lost for loss in part])
        reversals = [
            reversal
            for one, lines in zip(done, lost, strict=True)
            for reversal in _reverse(book, one, lines, ended, desk)
        ]
        _free_budgets(reversals)
        follow_returns(book, list(taken_back(book, parts, reversals, follows)))
        withdraw_awarded(book, reversals)
    _store_reversals(reversals)


def _reverse(
    book: Book,
    one: Returned,
    lost: Sequence[Loss],
    ended: dict[int, int],
    desk: _Desk,
) -> list[AwardReversal]:
    """Take one return's points, account by account; what had expired is not taken again."""
    reversals = [
        _reversal(one.row, award, lines, _waived(award, lines, ended)) for award, lines in lost
    ]
    for part in reversals:
        if part.award.unit != Award.Unit.POINTS:
            unit = str(part.award.unit)
            one.in_kind[unit] = one.in_kind.get(unit, 0) + part.points
    points_lost = [part for part in reversals if part.award.unit == Award.Unit.POINTS]
    for account_id in sorted({book.living(part.award.account_id) for part in points_lost}):
        own = [part for part in points_lost if book.living(part.award.account_id) == account_id]
        earned_by = frozenset(part.award.entry_id for part in own if part.award.entry_id)
        points = sum(part.points - part.expired for part in own)
        program = book.accounts[account_id].program
        if desk.deducts and program.terms.debt == "deduct":
            short = missing(book, account_id, points, earned_by=earned_by)
            points -= _keep_back(one, program, short)
        back = take_back(
            book,
            account_id,
            points,
            Cause("return", one.row.pk, f"{one.row.request_key}:return:1", one.row.occurred_at),
            earned_by=earned_by,
            debt_allowed=program.terms.debt != "floor",
        )
        one.points += back.points
        one.debt += back.debt
        one.shortfall += back.shortfall
        one.expired += sum(part.expired for part in own)
    return reversals


def _put_back(book: Book, one: Returned, backs: Sequence[Back]) -> None:
    back = give_back(book, one.row, backs)
    one.row.points_put_back = back.points
    one.refund -= back.amount


def _keep_back(one: Returned, program: Program, short: int) -> int:
    """Keep the worth of missing points back from the refund; return how many that pays for."""
    value = program.terms.point_value
    assert value is not None, "what is deducted has its worth"
    decimals = decimals_of(program.organization.currency)
    kept = deduction(short, one.refund, value, decimals=decimals)
    one.deducted += kept.points
    one.deduction += kept.amount
    one.refund -= kept.amount
    return kept.points


def _reversal(
    row: Return, award: Award, lines: list[tuple[int, int]], expired: int
) -> AwardReversal:
    points = sum(points for _line, points in lines)
    award.reversed += points
    return AwardReversal(
        parent=row,
        award=award,
        points=points,
        expired=expired,
        lines=[list(part) for part in lines],
    )


def _waived(award: Award, lines: list[tuple[int, int]], ended: dict[int, int]) -> int:
    if award.lot_id is None:
        return 0
    waived = max(0, min(sum(points for _line, points in lines), ended[award.lot_id]))
    ended[award.lot_id] -= waived
    return waived


def _ended(book: Book, losing: Sequence[Award]) -> dict[int, int]:
    """Return, per lot, the points that ended by expiry and that no return was spared yet."""
    lots = {award.lot_id for award in losing if award.lot_id is not None}
    first = carried_on(lots)
    ended: dict[int, int] = defaultdict(int)
    expired = Consumption.objects.filter(lot_id__in=first, entry__kind=Entry.Kind.EXPIRE)
    for lot_id, points in expired.values_list("lot_id").annotate(Sum("points")):
        ended[first[lot_id]] += points
    for own in book.lots.values():
        for lot in own:
            if lot.pk in first and has_ended(lot, book.now):
                ended[first[lot.pk]] += free(lot)
    spared = AwardReversal.objects.filter(award__lot_id__in=lots, expired__gt=0)
    for lot_id, points in spared.values_list("award__lot_id").annotate(Sum("expired")):
        ended[lot_id] -= points
    return ended


def _free_budgets(reversals: Sequence[AwardReversal]) -> None:
    """Give back to a rule's budget what came back of the points that were drawn from it."""
    freed: dict[int, int] = defaultdict(int)
    for reversal in reversals:
        version = reversal.award.rule_version
        # What the rule gave before it had a budget was never counted there.
        if version.spec.get("limits", {}).get("budget"):
            freed[version.rule_id] += reversal.points
    budgets = RuleBudget.objects.filter(rule_id__in=freed).values_list("pk", flat=True)
    for budget in lock_all(RuleBudget, budgets).values():
        budget.used -= freed[budget.rule_id]
        budget.save(update_fields=["used"])


def _store_reversals(reversals: Sequence[AwardReversal]) -> None:
    insert_many(reversals)
    awards = {reversal.award_id: reversal.award for reversal in reversals}
    changed = [(award.pk, award.reversed) for award in awards.values()]
    update_rows("loyalty_award", {"reversed": "bigint"}, changed)
