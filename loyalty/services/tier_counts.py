"""What purchases, activities and returns count for a tier, as rows that are never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from core.bulk import array
from core.days import local_day
from loyalty.earning.exact import ZERO
from loyalty.earning.outcome import Outcome
from loyalty.earning.receipt import Line, LineKind
from loyalty.earning.units import Unit
from loyalty.models import Award, PurchaseLine, ReturnLine, TierCount
from loyalty.receipts import ReceiptDraft
from loyalty.services.happenings import Happening, TakenBack
from loyalty.services.ledger import Book
from loyalty.tiers.counting import Counted

# What every purchase and activity of the holders counts for today, less what came back of it.
OF_PAST = """
    SELECT coalesce((
            SELECT emptied.id FROM loyalty_accountmerge merged
            JOIN loyalty_account emptied ON emptied.id = merged.emptied_id
            WHERE merged.member_id = purchase.member_id AND merged.undone_at IS NULL
                AND merged.created_at > purchase.created_at AND emptied.program_id = held.program_id
            LIMIT 1
        ), held.account_id) AS account_id,
        purchase.id AS purchase_id, NULL::bigint AS activity_id,
        (purchase.occurred_at AT TIME ZONE organization.time_zone)::date AS day,
        least(purchase.total - purchase.returned, (
            SELECT coalesce(greatest(0, sum(line.amount)) - sum(line.returned_amount), 0)
            FROM loyalty_purchaseline line
            WHERE line.purchase_id = purchase.id AND line.kind <> 'gift_card'
        )) AS spend,
        coalesce(given.points, 0)::bigint AS points,
        CASE WHEN purchase.returned >= purchase.total AND purchase.returned > 0
            THEN 0 ELSE 1 END AS visits,
        coalesce(given.credits, 0)::bigint AS credits
    FROM loyalty_accountholder held
    JOIN loyalty_purchase purchase ON purchase.member_id = held.member_id
    JOIN core_organization organization ON organization.id = purchase.organization_id
    LEFT JOIN LATERAL (
        SELECT sum(award.awarded - award.reversed) FILTER (WHERE award.unit = 'points') AS points,
            sum(award.awarded - award.reversed) FILTER (WHERE award.unit = 'credits') AS credits
        FROM loyalty_award award JOIN loyalty_account account ON account.id = award.account_id
        WHERE award.purchase_id = purchase.id AND account.program_id = held.program_id
    ) given ON true
    WHERE {wanted}
    UNION ALL
    SELECT held.account_id, NULL, activity.id,
        (activity.occurred_at AT TIME ZONE organization.time_zone)::date,
        0, coalesce(given.points, 0)::bigint, 0, coalesce(given.credits, 0)::bigint
    FROM loyalty_accountholder held
    JOIN loyalty_activity activity ON activity.member_id = held.member_id
    JOIN core_organization organization ON organization.id = activity.organization_id
    LEFT JOIN LATERAL (
        SELECT sum(award.awarded - award.reversed) FILTER (WHERE award.unit = 'points') AS points,
            sum(award.awarded - award.reversed) FILTER (WHERE award.unit = 'credits') AS credits
        FROM loyalty_award award JOIN loyalty_account account ON account.id = award.account_id
        WHERE award.activity_id = activity.id AND account.program_id = held.program_id
    ) given ON true
    WHERE {wanted}
"""
COUNT_PAST = f"""
    INSERT INTO loyalty_tiercount
        (account_id, purchase_id, activity_id, day, at, spend, points, visits, credits)
    SELECT past.account_id, past.purchase_id, past.activity_id, past.day, %(at)s,
        past.spend, past.points, past.visits, past.credits
    FROM ({OF_PAST.format(wanted="held.account_id = ANY(%(accounts)s::bigint[])")}) past
    WHERE past.spend <> 0 OR past.points <> 0 OR past.visits <> 0 OR past.credits <> 0
    ON CONFLICT DO NOTHING
"""  # noqa: S608


@dataclass(slots=True)
class _Left:
    """What still counts of a purchase."""

    spend: Decimal = ZERO
    visits: int = 0


def count_past(account_ids: Iterable[int], at: datetime) -> None:
    """Count what the holders of locked accounts did before there were tiers, each thing once."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PAST, {"accounts": array(account_ids), "at": at})


def count_of(book: Book, done: Happening) -> TierCount | None:
    """Return the row of what a member has just done, if it counts for anything."""
    counted = counted_of(done)
    if not any(counted[1:]):
        return None
    return TierCount(
        account_id=done.account_id,
        purchase=done.purchase,
        activity=done.activity,
        at=book.now,
        day=counted.day,
        spend=counted.spend,
        points=counted.points,
        visits=counted.visits,
        credits=counted.credits,
    )


def counted_of(done: Happening) -> Counted:
    """Return what a purchase or an activity counts for."""
    return Counted(
        day=local_day(done.occurred_at, done.rules.zone),
        spend=_spent(done),
        points=_awarded(done.awards, Award.Unit.POINTS),
        visits=1 if done.purchase is not None else 0,
        credits=_awarded(done.awards, Award.Unit.CREDITS),
    )


def promised(draft: ReceiptDraft, outcome: Outcome, zone: ZoneInfo) -> Counted:
    """Return what a purchase will count for that earns as much as this."""
    return Counted(
        day=local_day(draft.occurred_at, zone),
        spend=spent_on(draft.lines),
        points=outcome.points,
        visits=1,
        credits=sum(one.awarded for one in outcome.awards if one.goal.unit is Unit.CREDITS),
    )


def spent_on(lines: Iterable[Line]) -> Decimal:
    """Return the money that counts: all but gift cards, which count when they are spent."""
    parts = (line.amount for line in lines if line.kind != LineKind.GIFT_CARD)
    return max(ZERO, sum(parts, ZERO))


def _spent(done: Happening) -> Decimal:
    """Return what counts of a purchase now; of one that is claimed late, some has come back."""
    if done.purchase is None or done.draft is None:
        return ZERO
    return min(spent_on(done.draft.lines), done.purchase.total - done.purchase.returned)


def uncounted(book: Book, taken: Sequence[TakenBack]) -> list[tuple[TakenBack, TierCount]]:
    """Return the rows of what came back, each beside the purchase's own, where that counts."""
    purchases = {one.purchase.pk for one in taken}
    counted = TierCount.objects.filter(purchase__in=purchases, parent=None)
    rows = {
        (row.purchase_id, row.account.program_id): row for row in counted.select_related("account")
    }
    lines, left = _lines_taken(taken), _left_of(rows.values())
    made: list[tuple[TakenBack, TierCount]] = []
    for one in taken:
        row = rows.get((one.purchase.pk, one.rules.program.pk))
        if row is not None:
            still = left[row.account_id, one.purchase.pk]
            made.append((one, _uncount(book, one, row, still, lines[one.row.pk, one.purchase.pk])))
    return made


def as_counted(row: TierCount) -> Counted:
    """Return the row of a return as the fold counts it."""
    return Counted(
        row.day, row.spend, row.points, row.visits, row.credits, is_return=row.parent_id is not None
    )


def _uncount(
    book: Book, one: TakenBack, row: TierCount, still: _Left, came_back: Decimal
) -> TierCount:
    """Return what a return takes of a purchase's row, and of what is still there."""
    is_whole = ZERO < one.purchase.returned >= one.purchase.total
    spend = still.spend if is_whole else min(came_back, still.spend)
    visits = still.visits if is_whole else 0
    still.spend, still.visits = still.spend - spend, still.visits - visits
    return TierCount(
        account_id=row.account_id,
        purchase_id=row.purchase_id,
        parent=one.row,
        day=row.day,
        at=book.now,
        spend=-spend,
        points=-_reversed(one, Award.Unit.POINTS),
        visits=-visits,
        credits=-_reversed(one, Award.Unit.CREDITS),
    )


def _awarded(awards: Iterable[Award], unit: Award.Unit) -> int:
    return sum(award.awarded for award in awards if award.unit == unit)


def _reversed(one: TakenBack, unit: Award.Unit) -> int:
    return sum(part.points for part in one.reversals if part.award.unit == unit)


def _lines_taken(taken: Sequence[TakenBack]) -> Mapping[tuple[int, int], Decimal]:
    """Return the money that counted of what came back, by return and purchase."""
    lines = ReturnLine.objects.filter(
        parent__in={one.row.pk for one in taken},
        purchase_line__purchase__in={one.purchase.pk for one in taken},
    ).exclude(purchase_line__kind=PurchaseLine.Kind.GIFT_CARD)
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    rows = lines.values_list("parent_id", "purchase_line__purchase_id").annotate(Sum("amount"))
    for parent, purchase, amount in rows:
        sums[parent, purchase or 0] = amount
    return sums


def _left_of(rows: Iterable[TierCount]) -> Mapping[tuple[int, int], _Left]:
    """Return what still counts of each purchase, so that no return takes more."""
    sums = TierCount.objects.filter(purchase__in={row.purchase_id for row in rows})
    by_purchase = sums.values_list("account_id", "purchase_id")
    return {
        (account, purchase or 0): _Left(spend, visits)
        for account, purchase, spend, visits in by_purchase.annotate(Sum("spend"), Sum("visits"))
    }
