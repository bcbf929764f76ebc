"""Takes goods and points back once it is planned which: for one return or for many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from django.db.models import F, QuerySet, Sum

from core.actors import Actor
from core.bulk import insert_many, update_rows
from core.currencies import decimals_of
from core.errors import Refusal
from core.locking import lock_all
from loyalty.earning.exact import ZERO
from loyalty.earning.matching import Goods, Match
from loyalty.earning.paying import deduction
from loyalty.earning.returns import GivenAward, ReturnPlan, SoldLine
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.lots import free, has_ended
from loyalty.models import (
    Award,
    AwardReversal,
    Batch,
    Consumption,
    Entry,
    Program,
    Purchase,
    PurchaseLine,
    Return,
    ReturnLine,
    RuleBudget,
)
from loyalty.services.ledger import Book, Cause, carried_on, missing, open_book, take_back
from loyalty.services.points_back import Back, due_back, give_back


@dataclass(slots=True)
class Sold:
    """A purchase as it stands before a return: its lines, and what can be reversed of its awards.

    Planning marks here what it takes, so that the next return sees what is left.
    """

    purchase: Purchase
    lines: dict[int, PurchaseLine] = field(default_factory=dict)
    awards: list[Award] = field(default_factory=list)
    reversed: dict[int, dict[int, int]] = field(default_factory=dict)

    def sold_lines(self, numbers: Iterable[int] | None = None) -> list[SoldLine]:
        """Return the lines as the arithmetic sees them."""
        wanted = sorted(self.lines) if numbers is None else numbers
        return [_sold_line(self.lines[number]) for number in wanted]

    def given(self) -> list[GivenAward]:
        """Return the awards as the arithmetic sees them."""
        return [
            GivenAward(key=award.pk, shares=dict(award.lines), reversed=self.reversed[award.pk])
            for award in self.awards
        ]

    def mark(self, plan: ReturnPlan) -> None:
        """Take the plan's goods and points off what is left."""
        for part in plan.lines:
            line = self.lines[part.number]
            line.returned_quantity += part.quantity
            line.returned_amount += part.amount
        self.purchase.returned += plan.amount
        for reversal in plan.reversals:
            self.reversed[int(reversal.award)][reversal.number] += reversal.points


@dataclass(slots=True)
class Taking:
    """One return with everything it takes: parts of purchases, and goods no sale is known of."""

    row: Return
    parts: list[tuple[Sold, ReturnPlan]] = field(default_factory=list)
    unmatched: list[Goods] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Return the money that goes back."""
        known = sum([plan.amount for _sold, plan in self.parts], ZERO)
        return known + sum([goods.amount for goods in self.unmatched], ZERO)

    def lost(self) -> Iterator[tuple[Award, list[tuple[int, int]]]]:
        """Return the awards that lose points, each with the points per line."""
        for sold, plan in self.parts:
            taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
            for reversal in plan.reversals:
                taken[int(reversal.award)].append((reversal.number, reversal.points))
            for award in sold.awards:
                if award.pk in taken:
                    yield award, taken[award.pk]


@dataclass(slots=True)
class Returned:
    """A return that is on record, and what it changed; ``refund`` is the money to be paid out.

    ``deducted`` points were paid by keeping money back, ``shortfall`` was let go because nothing
    was left, ``expired`` because it had ended before.
    """

    row: Return
    plan: ReturnPlan | None = None
    refund: Decimal = ZERO
    deduction: Decimal = ZERO
    points: int = 0
    debt: int = 0
    deducted: int = 0
    shortfall: int = 0
    expired: int = 0
    matches: list[Match] = field(default_factory=list)


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


def read_sold(purchases: Iterable[Purchase]) -> dict[int, Sold]:
    """Read what can still be reversed of these purchases; their lines are read by the caller."""
    sold = {purchase.pk: Sold(purchase) for purchase in purchases}
    for award in _reversible(list(sold)):
        one = sold[award.purchase_id]
        one.awards.append(award)
        one.reversed[award.pk] = defaultdict(int)
        for reversal in award.reversals.all():
            for number, points in reversal.lines:
                one.reversed[award.pk][number] += points
    return sold


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
    _take_goods(takings)
    _take_points(takings, done, _Desk(actor, batch, deducts=deducts))
    for taking, one in zip(takings, done, strict=True):
        one.row.amount = taking.amount
        one.row.points_reversed, one.row.debt = one.points, one.debt
        one.row.deduction = one.deduction
    _store_returns([taking.row for taking in takings])
    return done


def _reversible(purchase_ids: Sequence[int]) -> QuerySet[Award]:
    awards = Award.objects.filter(purchase__in=purchase_ids, awarded__gt=F("reversed"))
    return awards.select_related("rule_version").prefetch_related("reversals").order_by("pk")


def _sold_line(line: PurchaseLine) -> SoldLine:
    return SoldLine(
        number=line.number,
        quantity=line.quantity,
        amount=line.amount,
        returned_quantity=line.returned_quantity,
        returned_amount=line.returned_amount,
    )


def _take_goods(takings: Sequence[Taking]) -> None:
    insert_many([line for taking in takings for line in _return_lines(taking)])
    parts = [part for taking in takings for part in taking.parts]
    lines = {
        line.pk: line
        for sold, plan in parts
        for line in (sold.lines[part.number] for part in plan.lines)
    }
    purchases = {sold.purchase.pk: sold.purchase for sold, _plan in parts}
    _store_lines(lines.values())
    update_rows(
        "loyalty_purchase",
        {"returned": "numeric"},
        [(purchase.pk, purchase.returned) for purchase in purchases.values()],
    )


def _return_lines(taking: Taking) -> Iterator[ReturnLine]:
    for sold, plan in taking.parts:
        for part in plan.lines:
            line = sold.lines[part.number]
            yield ReturnLine(
                parent=taking.row,
                purchase_line=line,
                sku=line.sku,
                quantity=part.quantity,
                amount=part.amount,
            )
    for goods in taking.unmatched:
        yield ReturnLine(parent=taking.row, **goods._asdict())


def _store_lines(lines: Iterable[PurchaseLine]) -> None:
    update_rows(
        "loyalty_purchaseline",
        {"returned_quantity": "numeric", "returned_amount": "numeric"},
        [(line.pk, line.returned_quantity, line.returned_amount) for line in lines],
    )


def _store_returns(returns: Iterable[Return]) -> None:
    columns = {
        "status": "text",
        "purchase_id": "bigint",
        "member_id": "bigint",
        "store_id": "bigint",
        "amount": "numeric",
        "points_reversed": "bigint",
        "debt": "bigint",
        "points_put_back": "bigint",
        "deduction": "numeric",
        "problem": "text",
    }
    asked = attrgetter("pk", *columns)
    update_rows("loyalty_return", columns, [asked(row) for row in returns])


def _take_points(takings: Sequence[Taking], done: Sequence[Returned], desk: _Desk) -> None:
    """Put back what was paid with points, then take back what the goods had earned."""
    lost = [list(taking.lost()) for taking in takings]
    losing = [award for part in lost for award, _lines in part]
    backs = due_back([[(sold.purchase, plan.amount) for sold, plan in t.parts] for t in takings])
    spent = [back.entry for part in backs for back in part]
    if not losing and not spent:
        return
    accounts = {award.account_id for award in losing} | {entry.account_id for entry in spent}
    touched = [*(award.entry_id for award in losing if award.entry_id), *(one.pk for one in spent)]
    with open_book(accounts, actor=desk.actor, batch=desk.batch, touched_by=touched) as book:
        for one, part in zip(done, backs, strict=True):
            _put_back(book, one, part)
        ended = _ended(book, losing)
        reversals = [
            reversal
            for one, lines in zip(done, lost, strict=True)
            for reversal in _reverse(book, one, lines, ended, desk)
        ]
        _free_budgets(reversals)
    _store_reversals(reversals)


def _reverse(
    book: Book,
    one: Returned,
    lost: Sequence[tuple[Award, list[tuple[int, int]]]],
    ended: dict[int, int],
    desk: _Desk,
) -> list[AwardReversal]:
    """Take one return's points, account by account; what had expired is not taken again."""
    reversals = [
        _reversal(one.row, award, lines, _waived(award, lines, ended)) for award, lines in lost
    ]
    for account_id in sorted({book.living(part.award.account_id) for part in reversals}):
        own = [part for part in reversals if book.living(part.award.account_id) == account_id]
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
