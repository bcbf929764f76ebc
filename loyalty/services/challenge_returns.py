"""Takes out of challenges what comes back: a purchase counts as if the rest had been bought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from core.days import local_day
from loyalty.challenges.counting import Counted, Happened, ground_of
from loyalty.challenges.fold import moved
from loyalty.earning.basket import Ground
from loyalty.earning.receipt import Earner, Line, LineKind, Receipt
from loyalty.models import Award, ChallengeCount, ChallengeRun, Purchase, PurchaseLine
from loyalty.queries import carrying_on
from loyalty.services.challenge_runs import (
    Moved,
    compiled,
    counted_by,
    moved_words,
    put,
    settle,
    state_of,
    store_runs,
)
from loyalty.services.happenings import TakenBack
from loyalty.services.ledger import Book
from loyalty.services.rulebook import CHALLENGES

Try = tuple[int, int, int, object]


def follow_challenge_returns(book: Book, taken: Sequence[TakenBack]) -> None:
    """Let what came back count no more, where the challenge says so."""
    heard = [one for one in taken if one.rules.began.get(CHALLENGES)]
    if not heard:
        return
    counts = [row for row in _counts_of(heard) if _undoes(row)]
    if not counts:
        return
    homes = {row.run_id: carrying_on(row.run.account).pk for row in counts}
    counts = [row for row in counts if homes[row.run_id] in book.accounts]
    lines = lines_of({row.purchase_id or 0 for row in counts if _is_of_goods(row)})
    living = _living_runs(counts, homes)
    moves: dict[int, Moved] = {}
    for one, row in _pairs(heard, counts):
        run = living[_try_of(row.run, homes[row.run_id])]
        _replace(row, run, _counted_still(one, row, lines))
        moves[run.pk] = _move(one, row, run)
    ChallengeCount.objects.bulk_update(counts, ["counted", "keys"])
    settle(book, list(moves.values()))
    store_runs([move.run for move in moves.values()])
    for move in moves.values():
        move.followed.challenges.append(moved_words(move))


def ground_left(purchase: Purchase, lines: Iterable[PurchaseLine]) -> Ground:
    """Return what is left of a purchase; when, where and by whom it was is not asked again."""
    left = tuple(_left(line) for line in lines)
    receipt = Receipt(
        occurred_at=purchase.occurred_at,
        local=purchase.occurred_at,
        store="",
        channel=purchase.channel,
        lines=left,
        total=purchase.total - purchase.returned,
    )
    return ground_of(receipt, Earner())


def lines_of(purchase_ids: Iterable[int]) -> Mapping[int, list[PurchaseLine]]:
    """Return the lines of purchases as they stand."""
    found: dict[int, list[PurchaseLine]] = defaultdict(list)
    ids = list(purchase_ids)
    if ids:
        for line in PurchaseLine.objects.filter(purchase__in=ids).order_by("purchase_id", "number"):
            found[line.purchase_id].append(line)
    return found


def _counts_of(taken: Iterable[TakenBack]) -> list[ChallengeCount]:
    purchases = {one.purchase.pk for one in taken}
    counts = ChallengeCount.objects.filter(purchase__in=purchases)
    return list(counts.select_related("run__challenge", "run__account").order_by("pk"))


def _undoes(row: ChallengeCount) -> bool:
    spec = compiled(row.run.version_id).spec
    return spec.returns == "undo"


def _is_of_goods(row: ChallengeCount) -> bool:
    return compiled(row.run.version_id).spec.target.is_bought


def _pairs(
    taken: Iterable[TakenBack], counts: Iterable[ChallengeCount]
) -> Iterator[tuple[TakenBack, ChallengeCount]]:
    """Yield each count with every return that concerns it, in the order of the returns."""
    by_purchase: dict[tuple[int, int], list[ChallengeCount]] = defaultdict(list)
    for row in counts:
        by_purchase[row.purchase_id or 0, row.run.challenge.program_id].append(row)
    for one in taken:
        for row in by_purchase[one.purchase.pk, one.rules.program.pk]:
            yield one, row


def _counted_still(
    one: TakenBack, row: ChallengeCount, lines: Mapping[int, Sequence[PurchaseLine]]
) -> Counted:
    challenge = compiled(row.run.version_id)
    if not challenge.spec.target.is_bought:
        return Counted(max(Decimal(0), row.counted - _steps_lost(one, row.run.challenge.code)))
    ground = ground_left(one.purchase, lines[one.purchase.pk])
    day = local_day(one.purchase.occurred_at, one.rules.zone)
    return challenge.counts_still(Happened(day=day, ground=ground))


def _steps_lost(one: TakenBack, code: str) -> int:
    return sum(
        part.points
        for part in one.reversals
        if part.award.unit == Award.Unit.STEPS and part.award.target == code
    )


def _replace(row: ChallengeCount, run: ChallengeRun, counted: Counted) -> None:
    """Let a row count something else from now on, in the run that it counts for."""
    target = compiled(run.version_id).spec.target
    put(run, moved(target, state_of(run), more=counted, less=counted_by(row)))
    row.counted, row.keys = counted.amount, list(counted.keys)


def _living_runs(
    counts: Iterable[ChallengeCount], homes: Mapping[int, int]
) -> dict[Try, ChallengeRun]:
    """Return the runs that the counts are in now, also where their account was merged since."""
    own = {row.run_id: row.run for row in counts}
    runs = {_try_of(run, run.account_id): run for run in own.values()}
    elsewhere = [run for run in own.values() if homes[run.pk] != run.account_id]
    if elsewhere:
        found = ChallengeRun.objects.filter(
            account__in={homes[run.pk] for run in elsewhere},
            challenge__in={run.challenge_id for run in elsewhere},
        )
        runs = {_try_of(run, run.account_id): run for run in found} | runs
    return runs


def _try_of(run: ChallengeRun, account_id: int) -> Try:
    return account_id, run.challenge_id, run.version_id, run.period


def _move(one: TakenBack, row: ChallengeCount, run: ChallengeRun) -> Moved:
    challenge = row.run.challenge
    return Moved(
        run=run,
        code=challenge.code,
        name=challenge.name,
        account_id=run.account_id,
        member_id=one.purchase.member_id or 0,
        request_key=one.row.request_key,
        occurred_at=one.row.occurred_at,
        followed=one.followed,
    )


def _left(line: PurchaseLine) -> Line:
    return Line(
        number=line.number,
        quantity=line.quantity - line.returned_quantity,
        amount=line.amount - line.returned_amount,
        sku=line.sku or None,
        brand=line.brand or None,
        category=tuple(line.category),
        kind=LineKind(line.kind),
    )
