"""What returns do to gift cards: a share goes back onto those that paid, sold ones are undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from core.currencies import decimals_of
from core.locking import lock_all
from loyalty.earning.exact import ZERO
from loyalty.models import Payment, PointsPutBack, Purchase, PurchaseLine, Return, ReturnLine
from loyalty.services.sold import Returned
from rewards.answers import money
from rewards.gift_card_errors import GiftCardSpent
from rewards.gift_card_shares import Came, Part, comes_off, goes_back
from rewards.models import GiftCard, GiftCardEntry
from rewards.services.gift_card_ledger import Booking, Kind, to_refund
from rewards.services.gift_cards import refund, take_load_back


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """One return of a purchase: what came back before it, and with it; ``limit`` caps its cards.

    ``lines`` is what this return brought of each line, ``lines_before`` what others had.
    """

    row: Return
    purchase: Purchase
    before: Came
    after: Came
    lines: Mapping[int, Part]
    lines_before: Mapping[int, Part]
    limit: Decimal


def give_back(done: Returned) -> None:
    """Put on cards what they had paid of what came back, and take sold ones back, with a return.

    What goes onto cards is not paid out. Raises ``GiftCardSpent`` when a sold card was spent, and
    ``GiftCardNotUsable`` when a card has ended and the organization refuses to make a new one.
    """
    purchase = done.row.purchase
    if purchase is None or done.plan is None:
        return
    entries = list(purchase.gift_card_entries.on_receipt())
    if not entries:
        return
    by_points = _paid_by_points(purchase, done.row)
    after = Came(amount=purchase.returned, by_points=by_points.after)
    before = Came(amount=purchase.returned - done.row.amount, by_points=by_points.before)
    coming = _Coming(
        row=done.row,
        purchase=purchase,
        before=before,
        after=after,
        lines={one.number: Part(one.quantity, one.amount) for one in done.plan.lines},
        lines_before=_brought(purchase, ~Q(parent=done.row)),
        limit=done.refund,
    )
    done.refund -= _move(coming, entries)


def give_back_what_came_before(purchase: Purchase) -> None:
    """Do the same for returns that were known before their sale, once its cards are."""
    returns = purchase.returns.filter(status=Return.Status.DONE).order_by("pk")
    entries, came = list(purchase.gift_card_entries.on_receipt()), ZERO
    for row in returns:
        by_points = _paid_by_points(purchase, row)
        coming = _Coming(
            row=row,
            purchase=purchase,
            before=Came(amount=came, by_points=by_points.before),
            after=Came(amount=came + row.amount, by_points=by_points.after),
            lines=_brought(purchase, Q(parent=row)),
            lines_before=_brought(purchase, Q(parent__lt=row.pk)),
            limit=row.amount,
        )
        _move(coming, entries)
        came += row.amount


@dataclass(frozen=True, slots=True)
class _ByPoints:
    """What points had paid of what came back before a return, and with it."""

    before: Decimal
    after: Decimal


def _paid_by_points(purchase: Purchase, row: Return) -> _ByPoints:
    back = PointsPutBack.objects.filter(payment__purchase=purchase)
    sums = back.aggregate(
        before=Sum("amount", filter=Q(parent__lt=row.pk)),
        after=Sum("amount", filter=Q(parent__lte=row.pk)),
    )
    return _ByPoints(sums["before"] or ZERO, sums["after"] or ZERO)


def _brought(purchase: Purchase, returns: Q) -> dict[int, Part]:
    """Return what these returns brought of each line that sold a gift card, by its number."""
    lines = ReturnLine.objects.filter(
        returns, purchase_line__purchase=purchase, purchase_line__kind=PurchaseLine.Kind.GIFT_CARD
    )
    sums = lines.values_list("purchase_line__number").annotate(Sum("quantity"), Sum("amount"))
    return {number: Part(quantity, amount) for number, quantity, amount in sums}


def _move(coming: _Coming, entries: list[GiftCardEntry]) -> Decimal:
    """Take sold cards back and put on the paying ones; return what was put on."""
    lock_all(GiftCard, {entry.card_id for entry in entries})
    for entry in entries:
        if entry.kind == Kind.LOAD:
            _take_back(coming, entry)
    left, put_on = coming.limit, ZERO
    for place, entry in enumerate(entries):
        if entry.kind == Kind.CHARGE:
            amount = _put_on(coming, entry, place, limit=left)
            left, put_on = left - amount, put_on + amount
    return put_on


def _take_back(coming: _Coming, entry: GiftCardEntry) -> None:
    amount = _sold_for(coming, entry)
    if not amount:
        return
    booking = _booking(coming, f"sold:{entry.line}")
    if not take_load_back(card_id=entry.card_id, amount=amount, booking=booking):
        balance = GiftCard.objects.values_list("balance", flat=True).get(pk=entry.card_id)
        raise GiftCardSpent(balance=money(balance), line=entry.line)


def _sold_for(coming: _Coming, entry: GiftCardEntry) -> Decimal:
    """Return how much of what a line loaded comes off its card."""
    number = entry.line or 0
    if number not in coming.lines:
        return ZERO
    line = coming.purchase.lines.get(number=number)
    before = coming.lines_before.get(number, Part())
    return comes_off(
        entry.amount,
        line=Part(line.quantity, line.amount),
        before=before,
        after=before + coming.lines[number],
        decimals=decimals_of(entry.card.currency),
    )


def _put_on(coming: _Coming, entry: GiftCardEntry, place: int, *, limit: Decimal) -> Decimal:
    card = entry.card
    due = goes_back(
        -entry.amount,
        whole=Came(amount=coming.purchase.total, by_points=_points_in(coming.purchase)),
        before=coming.before,
        after=coming.after,
        decimals=decimals_of(card.currency),
    )
    amount = min(due, limit, to_refund(card, entry.reference))
    if amount <= 0:
        return ZERO
    refund(
        card_id=card.pk,
        amount=amount,
        booking=_booking(coming, f"paid:{place + 1}", reference=entry.reference),
    )
    return amount


def _points_in(purchase: Purchase) -> Decimal:
    paid = Payment.objects.filter(purchase=purchase, points__gt=0).aggregate(all=Sum("amount"))
    return paid["all"] or ZERO


def _booking(coming: _Coming, step: str, *, reference: str = "") -> Booking:
    row = coming.row
    return Booking(
        actor=row.actor,
        request_key=f"return:{row.pk}:{step}",
        purchase_id=coming.purchase.pk,
        came_back_id=row.pk,
        reference=reference,
    )
