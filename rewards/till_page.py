"""What the till's main screen shows, finished: the member, the past visits, the receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.models import Organization
from core.templatetags.formats import number
from loyalty.earning.explain import sentence
from loyalty.models import Purchase
from loyalty.queries import Expiring, returns_of
from members.models import Member
from members.queries import masked
from rewards.answers import GivenPoints, LineOnRecord, ReceiptView
from rewards.queries import last_visits, receipt_view, spendable_by
from rewards.services.till import number_on_paper

VISITS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """One purchase of the past, as much of it as was kept."""

    at: datetime
    title: str
    amount: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class MemberPanel:
    """What a cashier sees of the member at the till."""

    name: str
    phone: str
    card: str
    is_blocked: bool
    balance: int
    pending: int
    debt: int
    next_expiry: Expiring | None
    visits: Sequence[Visit]


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What one rule gave, and why."""

    text: str
    detail: str
    points: int | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """What one line of the receipt came to, and gave."""

    title: str
    amount: Decimal
    points: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What went back when goods were returned or a purchase was undone."""

    amount: Decimal
    points: int
    is_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What a purchase gave, why, and what the member has now."""

    amount: Decimal
    points: int
    reasons: Sequence[ReasonRow]
    receipt: str = ""
    lines: Sequence[LineRow] = ()
    balance: int | None = None
    pending: int = 0
    taken_back: TakenBack | None = None


def member_panel(member: Member) -> MemberPanel:
    """Return the member as a cashier may see them, with their newest visits."""
    [shown] = masked([member])
    balance = spendable_by(member)
    return MemberPanel(
        name=shown.name,
        phone=shown.phone,
        card=dotted(shown.card),
        is_blocked=shown.is_blocked,
        balance=balance.balance,
        pending=balance.pending,
        debt=balance.debt,
        next_expiry=balance.next_expiry,
        visits=[_visit(purchase) for purchase in last_visits(member, VISITS_SHOWN)],
    )


def dotted(last_digits: str) -> str:
    """Write the end of a card's number as the end it is."""
    return f"•••• {last_digits}" if last_digits else ""


def slip_of(organization: Organization, purchase: Purchase) -> Slip:
    """Return a receipt as it stands now, explained line by line."""
    view = receipt_view(organization, purchase)
    return Slip(
        amount=view.total,
        points=view.points,
        reasons=_reasons(view),
        receipt=number_on_paper(purchase),
        lines=_lines(view),
        balance=view.balance.balance if view.balance else None,
        pending=view.balance.pending if view.balance else 0,
        taken_back=_taken_back(organization, purchase),
    )


def slip_of_quote(view: ReceiptView) -> Slip:
    """Return what a purchase would come to and give."""
    return Slip(amount=view.total, points=view.points, reasons=_reasons(view))


def _visit(purchase: Purchase) -> Visit:
    points: int = purchase.points  # type: ignore[attr-defined]  # the query counted them
    return Visit(
        at=purchase.occurred_at,
        title=purchase.store.name,
        amount=purchase.total - purchase.returned,
        points=points,
    )


def _reasons(view: ReceiptView) -> list[ReasonRow]:
    return [ReasonRow(one.name, _why(one, view.currency), one.points) for one in view.given]


def _why(one: GivenPoints, currency: str) -> str:
    """Return what the points count on; how the last fraction was rounded helps nobody here."""
    told = (reason for reason in one.why if not reason.code.startswith("rounded_"))
    return " · ".join(sentence(reason, currency) for reason in told)


def _lines(view: ReceiptView) -> list[LineRow]:
    """Return what each line gave; a purchase of which only the amount is known has none."""
    [first, *more] = view.lines
    if not (more or first.name or first.sku):
        return []
    points = Counter[int]()
    for one in view.given:
        points.update(dict(one.lines))
    return [LineRow(_title(line), line.amount, points[line.number]) for line in view.lines]


def _title(line: LineOnRecord) -> str:
    item = line.name or line.sku or _("Line %(number)s") % {"number": number(line.number)}
    if line.quantity == 1:
        return item
    return _("%(item)s × %(quantity)s") % {"item": item, "quantity": number(line.quantity)}


def _taken_back(organization: Organization, purchase: Purchase) -> TakenBack | None:
    if not purchase.returned:
        return None
    returns = returns_of(organization).filter(purchase=purchase)
    return TakenBack(
        amount=purchase.returned,
        points=-sum(one.points_reversed for one in returns),
        is_all=purchase.returned == purchase.total,
    )
