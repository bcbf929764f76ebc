"""What a return gives back of the points that had paid for the goods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core.bulk import insert_many
from core.currencies import decimals_of
from loyalty.earning.exact import ZERO
from loyalty.earning.paying import InPoints, PaidPart
from loyalty.models import Entry, Payment, PointsPutBack, Purchase, Return
from loyalty.services.ledger import Book, Cause, pay_back

ComingBack = tuple[Purchase, Decimal]


@dataclass(slots=True)
class Spent:
    """Points that paid for a purchase, and what of them is back already."""

    payment: Payment
    entry: Entry
    total: Decimal
    returned: Decimal
    back: InPoints

    def next(self, amount: Decimal) -> InPoints:
        """Return what goes back with goods of this amount, and count it as back."""
        program = self.entry.account.program
        part = PaidPart(
            total=self.total,
            paid=InPoints(self.payment.points, self.payment.amount),
            back=self.back,
            decimals=decimals_of(program.organization.currency),
        )
        policy = program.terms.points_paid_back
        due = part.goes_back(policy, before=self.returned, amount=amount)
        self.returned += amount
        self.back = InPoints(self.back.points + due.points, self.back.amount + due.amount)
        return due


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What one return covers of one payment in points; ``before`` is what was back already."""

    payment: Payment
    entry: Entry
    due: InPoints
    before: int


def due_back(returns: Sequence[Sequence[ComingBack]]) -> list[list[Back]]:
    """Return what each return covers of payments in points, in the order of the returns.

    The purchases are locked, and count these returns as returned already.
    """
    spent = _spent([part for one in returns for part in one])
    return [list(_due(one, spent)) for one in returns]


def give_back(book: Book, row: Return, backs: Sequence[Back]) -> InPoints:
    """Put the points of one return back, note what it covers, and return it in all."""
    for number, back in enumerate(backs, start=1):
        if back.due.points:
            key = f"{row.request_key}:release:{number}"
            cause = Cause("return", row.pk, key, row.occurred_at)
            pay_back(book, back.entry.pk, back.due.points, cause, before=back.before)
    insert_many(
        [
            PointsPutBack(
                parent=row, payment=back.payment, points=back.due.points, amount=back.due.amount
            )
            for back in backs
        ]
    )
    return InPoints(
        sum(back.due.points for back in backs), sum((back.due.amount for back in backs), ZERO)
    )


def _due(coming: Iterable[ComingBack], spent: dict[int, Spent]) -> Iterator[Back]:
    for purchase, amount in coming:
        if (one := spent.get(purchase.pk)) is not None:
            before = one.back.points
            due = one.next(amount)
            if any(due):
                yield Back(payment=one.payment, entry=one.entry, due=due, before=before)


def _spent(coming: Sequence[ComingBack]) -> dict[int, Spent]:
    """Read what was paid with points, as it stood before any of these returns."""
    payments = Payment.objects.filter(
        purchase_id__in={purchase.pk for purchase, _amount in coming}, points__gt=0
    )
    by_purchase = {
        one.purchase_id: one
        for one in payments.annotate(
            points_back=Sum("put_back__points"), amount_back=Sum("put_back__amount")
        )
    }
    if not by_purchase:
        return {}
    now = defaultdict[int, Decimal](Decimal)
    for purchase, amount in coming:
        now[purchase.pk] += amount
    return {
        purchase.pk: Spent(
            payment=(paid := by_purchase[purchase.pk]),
            entry=entry,
            total=purchase.total,
            returned=purchase.returned - now[purchase.pk],
            back=InPoints(paid.points_back or 0, paid.amount_back or ZERO),
        )
        for purchase, entry in _entries_behind(coming, by_purchase)
    }


def _entries_behind(
    coming: Iterable[ComingBack], by_purchase: Mapping[int, Payment]
) -> Iterator[tuple[Purchase, Entry]]:
    entries = Entry.objects.filter(
        kind=Entry.Kind.REDEEM, cause="purchase", cause_id__in=by_purchase
    ).select_related("account__program__organization")
    purchases = {purchase.pk: purchase for purchase, _amount in coming}
    for entry in entries:
        assert entry.cause_id is not None, "it was found by its cause"
        yield purchases[entry.cause_id], entry
