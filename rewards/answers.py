"""The shapes in which the checkout answers, the same for the API, the till and the hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.currencies import decimals_of
from loyalty.balances import Balance
from loyalty.earning.explain import as_json
from loyalty.earning.outcome import NotApplied
from loyalty.earning.paying import Bill, InPoints
from loyalty.earning.reasons import Reason
from loyalty.earning.units import Goal, Unit
from loyalty.earning.vocabulary.effects import POINTS
from loyalty.earning.wording import Wording
from loyalty.models import Grant
from loyalty.services.granting import AWARD
from loyalty.services.recorded import StampsMoved
from loyalty.services.sold import Returned
from rewards.discounts.explain import as_json as discount_reason
from rewards.discounts.told import LeftOut, TakenOff

Answer = dict[str, Any]

# What rules give that answers call granted, in the words of grants.
KINDS = {
    Unit.VOUCHERS: "voucher",
    Unit.TICKETS: "ticket",
    Unit.CREDITS: "tier_credits",
    Unit.STEPS: "challenge_steps",
}
NO_RULE: Answer = {
    "rule": None,
    "name": None,
    "version": None,
    "given": None,
    "desired": None,
    "lines": [],
    "why": [],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPoints:
    """What one rule gave, points or whatever its goal says, whether just now or long ago."""

    rule: str
    name: str
    version: int
    points: int
    desired: int
    lines: Sequence[tuple[int, int]]
    why: Sequence[Reason]
    goal: Goal = POINTS

    @property
    def is_points(self) -> bool:
        """Say whether it can be spent."""
        return self.goal.unit is Unit.POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOnRecord:
    """A line of a receipt and how much of it came back."""

    number: int
    sku: str
    name: str
    quantity: Decimal
    amount: Decimal
    returned: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OnCard(StampsMoved):
    """What came onto a stamp card, and what is missing still, in words."""

    to_go: str = ""


class TierOnReceipt(NamedTuple):
    """The tier a member is in after a purchase; whether the purchase changed it, and upwards."""

    name: str = ""
    is_changed: bool = False
    is_up: bool = False


NO_TIER = TierOnReceipt()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """Everything that is told about a receipt; ``head`` stays empty for a quote.

    ``paid`` is what points pay of it, ``can_pay`` the most that they could. ``grants`` are what was
    given with it that is no points, ``on_cards`` how full the cards are that it gave stamps on.
    """

    currency: str
    total: Decimal
    lines: Sequence[LineOnRecord]
    given: Sequence[GivenPoints]
    not_applied: Sequence[tuple[str, NotApplied]] = ()
    discounts: Sequence[TakenOff] = ()
    left_out: Sequence[LeftOut] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    entries: Sequence[Mapping[str, Any]] = ()
    grants: Sequence[Grant] = ()
    on_cards: Sequence[OnCard] = ()
    balance: Balance | None = None
    tier: TierOnReceipt = NO_TIER
    paid: InPoints | None = None
    gift_cards: Sequence[Mapping[str, Any]] = ()
    can_pay: InPoints | None = None

    @property
    def due(self) -> Decimal:
        """Return what remains to be paid after points did their part."""
        return due_after(self.paid, self.total, self.currency)

    @property
    def points(self) -> int:
        """Return the points of all rules together."""
        return sum(one.points for one in self.given if one.is_points)


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
        "discounts": [_discount(one, view.currency) for one in view.discounts],
        "total": money(view.total),
        "total_due": money(view.due),
        "paid_with_points": _in_points(view.paid),
        "points": [_given(one, view.currency) for one in view.given if one.is_points],
        "points_total": view.points,
        "stamps": _stamps(view),
        "granted": _granted(view),
        "not_applied": _not_applied(view),
    }


def _discount(one: TakenOff, currency: str) -> Answer:
    """Say what one source takes off."""
    return {
        "kind": one.kind,
        "source": one.source,
        "name": one.name,
        "amount": money(one.amount),
        "lines": [{"line": part.number, "amount": money(part.amount)} for part in one.lines],
        "why": [discount_reason(reason, currency) for reason in one.why],
    }


def _not_applied(view: ReceiptView) -> list[Answer]:
    """Say which rules give nothing, which discounts are not given, and why."""
    rules: list[Answer] = [
        {"kind": "rule", "source": rule_id, "name": left.name, "why": _why(left.why, view.currency)}
        for rule_id, left in view.not_applied
    ]
    discounts = [
        {
            "kind": left.kind,
            "source": left.source,
            "name": left.name,
            "why": [discount_reason(reason, view.currency) for reason in left.why],
        }
        for left in view.left_out
    ]
    return [*rules, *discounts]


def purchase_answer(view: ReceiptView) -> Answer:
    """Say what was recorded: a quote's answer, the receipt's head, and the balance after it."""
    return {
        **view.head,
        **_receipt(view),
        "lines": [{**_line(line), "returned": quantity(line.returned)} for line in view.lines],
        "entries": list(view.entries),
        "gift_cards": list(view.gift_cards),
        "balance": view.balance.balance if view.balance else None,
        "pending": view.balance.pending if view.balance else None,
        "tier": {"name": view.tier.name or None, "changed": view.tier.is_changed},
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


def _stamps(view: ReceiptView) -> list[Answer]:
    """Say what comes onto each card, and how full it is then, where that is known already."""
    given = [one for one in view.given if one.goal.unit is Unit.STAMPS]
    cards = {moved.card: moved for moved in view.on_cards}
    return [
        {
            "card": card,
            "name": cards[card].name if card in cards else None,
            "stamps": sum(one.points for one in given if one.goal.target == card),
            "desired": sum(one.desired for one in given if one.goal.target == card),
            "on_card": cards[card].stamps if card in cards else None,
            "of": cards[card].of if card in cards else None,
            "completed": cards[card].completed if card in cards else None,
            "text": cards[card].to_go if card in cards else None,
            "rules": [_in_kind(one, view.currency) for one in given if one.goal.target == card],
        }
        for card in dict.fromkeys(one.goal.target for one in given)
    ]


def _granted(view: ReceiptView) -> list[Answer]:
    """Say what rules gave that is neither points nor stamps, and what full cards and tiers gave."""
    by_rules = [
        {
            "kind": KINDS[one.goal.unit],
            "target": one.goal.target or None,
            "count": one.points,
            "because": "rule",
            **_in_kind(one, view.currency),
        }
        for one in view.given
        if one.goal.unit in KINDS
    ]
    others = [
        {
            "kind": grant.kind,
            "target": grant.target,
            "count": grant.count,
            "because": grant.cause,
            **NO_RULE,
        }
        for grant in view.grants
        if grant.cause != AWARD
    ]
    return [*by_rules, *others]


def _in_kind(one: GivenPoints, currency: str) -> Answer:
    return {
        "rule": one.rule,
        "name": one.name,
        "version": one.version,
        "given": one.points,
        "desired": one.desired,
        "lines": [{"line": number, "given": part} for number, part in one.lines],
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
        *(_card_text(moved) for moved in view.on_cards if moved.given > 0),
        *_tier_text(view.tier),
        _("You have %(n)d points now.") % {"n": view.balance.balance},
    ]


def _tier_text(tier: TierOnReceipt) -> list[str]:
    return [_("You are %(tier)s now.") % {"tier": tier.name}] if tier.is_up else []


def _card_text(moved: OnCard) -> str:
    values = {"card": moved.name, "n": moved.stamps, "of": moved.of, "to_go": moved.to_go}
    if moved.completed:
        return _("%(card)s: full! The next one has %(n)d of %(of)d stamps.") % values
    return _("%(card)s: %(n)d of %(of)d stamps, %(to_go)s.") % values


def _return_reasons(done: Returned) -> list[str]:
    taken = ngettext("%(n)d point goes back.", "%(n)d points go back.", done.points)
    reasons = [taken % {"n": done.points}]
    say = Wording.for_reader("")
    for unit, count in done.in_kind.items():
        reasons.append(_("Taken back: %(things)s.") % {"things": say.counted(unit, count)})
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
    return [*reasons, *done.also]
