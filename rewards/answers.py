"""The shapes in which the checkout answers, the same for the API, the till and the hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.currencies import decimals_of
from loyalty.earning.explain import as_json
from loyalty.earning.outcome import NotApplied
from loyalty.earning.paying import Bill, InPoints
from loyalty.earning.reasons import Reason
from loyalty.queries import Balance
from loyalty.services.taking import Returned

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPoints:
    """What one rule gave, with its reasons, whether just now or long ago."""

    rule: str
    name: str
    version: int
    points: int
    desired: int
    lines: Sequence[tuple[int, int]]
    why: Sequence[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOnRecord:
    """A line of a receipt and how much of it came back."""

    number: int
    sku: str
    name: str
    quantity: Decimal
    amount: Decimal
    returned: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """Everything that is told about a receipt; ``head`` stays empty for a quote.

    ``paid`` is what points pay of it, ``can_pay`` the most that they could.
    """

    currency: str
    total: Decimal
    lines: Sequence[LineOnRecord]
    given: Sequence[GivenPoints]
    not_applied: Sequence[tuple[str, NotApplied]] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    entries: Sequence[Mapping[str, Any]] = ()
    balance: Balance | None = None
    paid: InPoints | None = None
    can_pay: InPoints | None = None

    @property
    def due(self) -> Decimal:
        """Return what remains to be paid after points did their part."""
        return due_after(self.paid, self.total, self.currency)

    @property
    def points(self) -> int:
        """Return the points of all rules together."""
        return sum(one.points for one in self.given)


def due_after(paid: InPoints | None, total: Decimal, currency: str) -> Decimal:
    """Return what remains of a total, as it can be paid, after points did their part."""
    if paid is None:
        return total
    return Bill.of(total, decimals=decimals_of(currency), paid=paid.amount).due


def quote_answer(view: ReceiptView) -> Answer:
    """Say what a receipt comes to and earns, and how many points could pay for it."""
    return {**_receipt(view), "can_pay_with_points": _in_points(view.can_pay)}


def _receipt(view: ReceiptView) -> Answer:
    return {
        "lines": [_line(line) for line in view.lines],
        "discounts": [],
        "total": money(view.total),
        "total_due": money(view.due),
        "paid_with_points": _in_points(view.paid),
        "points": [_given(one, view.currency) for one in view.given],
        "points_total": view.points,
        "stamps": [],
        "granted": [],
        "not_applied": [
            {"source": rule_id, "name": left.name, "why": _why(left.why, view.currency)}
            for rule_id, left in view.not_applied
        ],
    }


def purchase_answer(view: ReceiptView) -> Answer:
    """Say what was recorded: a quote's answer, the receipt's head, and the balance after it."""
    return {
        **view.head,
        **_receipt(view),
        "lines": [{**_line(line), "returned": quantity(line.returned)} for line in view.lines],
        "entries": list(view.entries),
        "balance": view.balance.balance if view.balance else None,
        "pending": view.balance.pending if view.balance else None,
        "tier": {"name": None, "changed": False},
        "receipt_text": _receipt_text(view),
    }


def return_answer(done: Returned, balance: int | None) -> Answer:
    """Say what came back, in goods, money and points, and what could not be taken."""
    plan = done.plan
    assert plan is not None, "a return that is done has its plan"
    return {
        "id": str(done.row.public_id),
        "status": done.row.status,
        "lines": [
            {"line": part.number, "quantity": quantity(part.quantity), "amount": money(part.amount)}
            for part in plan.lines
        ],
        "amount": money(plan.amount),
        "points_reversed": done.points,
        "points_put_back": done.row.points_put_back,
        "debt": done.debt,
        "deduction": money(done.deduction),
        "refund_due": money(done.refund),
        "balance": balance,
        "why": _return_reasons(done),
    }


def money(amount: Decimal) -> str:
    """Write an amount without needless zeros beyond two decimals."""
    shortest = format(amount.normalize(), "f")
    decimals = len(shortest.partition(".")[2])
    return shortest if decimals > 2 else format(amount, ".2f")


def quantity(value: Decimal) -> str:
    """Write a quantity without needless zeros."""
    return format(value.normalize(), "f")


def moment(at: datetime) -> str:
    """Write a moment in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _in_points(paid: InPoints | None) -> Answer | None:
    return paid and {"points": paid.points, "amount": money(paid.amount)}


def _line(line: LineOnRecord) -> Answer:
    return {
        "line": line.number,
        "sku": line.sku or None,
        "name": line.name,
        "quantity": quantity(line.quantity),
        "amount": money(line.amount),
    }


def _given(one: GivenPoints, currency: str) -> Answer:
    return {
        "rule": one.rule,
        "name": one.name,
        "version": one.version,
        "points": one.points,
        "desired": one.desired,
        "lines": [{"line": number, "points": points} for number, points in one.lines],
        "why": _why(one.why, currency),
    }


def _why(reasons: Iterable[Reason], currency: str) -> list[Answer]:
    return [as_json(reason, currency) for reason in reasons]


def _receipt_text(view: ReceiptView) -> list[str]:
    if view.balance is None:
        return []
    earned = ngettext("You earned %(n)d point.", "You earned %(n)d points.", view.points)
    return [
        earned % {"n": view.points},
        _("You have %(n)d points now.") % {"n": view.balance.balance},
    ]


def _return_reasons(done: Returned) -> list[str]:
    taken = ngettext("%(n)d point goes back.", "%(n)d points go back.", done.points)
    reasons = [taken % {"n": done.points}]
    if done.row.points_put_back:
        back = ngettext(
            "%(n)d point that paid is put back.",
            "%(n)d points that paid are put back.",
            done.row.points_put_back,
        )
        reasons.append(back % {"n": done.row.points_put_back})
    if done.debt:
        reasons.append(_("%(n)d of them are owed and paid by the next points.") % {"n": done.debt})
    if done.deducted:
        kept = ngettext(
            "%(n)d point was spent already; its worth is kept back from the refund.",
            "%(n)d points were spent already; their worth is kept back from the refund.",
            done.deducted,
        )
        reasons.append(kept % {"n": done.deducted})
    if done.shortfall:
        reasons.append(_("%(n)d points were spent already and are let go.") % {"n": done.shortfall})
    return reasons
