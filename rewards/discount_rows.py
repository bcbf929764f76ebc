"""What is taken off a receipt and what is not, as lists of reasons show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from loyalty.earning.reasons import Reason
from loyalty.earning.wording import Wording
from rewards.answers import ReceiptView
from rewards.discounts.explain import sentence


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A discount, or one that is not given, and why."""

    text: str
    detail: str
    given: str = ""
    points: int | None = None


def discount_rows(view: ReceiptView) -> list[DiscountRow]:
    """Return what is taken off, and why."""
    say = Wording.for_reader(view.currency)
    return [
        DiscountRow(one.name, told(one.why, view.currency), given=say.money(-one.amount))
        for one in view.discounts
    ]


def left_out_rows(view: ReceiptView) -> list[DiscountRow]:
    """Return what is not taken off, and why."""
    return [DiscountRow(one.name, told(one.why, view.currency)) for one in view.left_out]


def before_discounts(view: ReceiptView) -> Decimal | None:
    """Return what the lines came to before anything was taken off, if anything was."""
    taken_off = sum((one.amount for one in view.discounts), Decimal(0))
    return view.total + taken_off if taken_off else None


def told(why: Sequence[Reason], currency: str) -> str:
    """Say all of a reason on one line."""
    return " · ".join(sentence(reason, currency) for reason in why)
