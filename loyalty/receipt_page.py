"""What the office shows of one receipt, finished: what was bought, earned and brought back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from core.log_page import actor_names
from core.models import Organization
from loyalty.earning.wording import Wording
from loyalty.expiry import last_instant
from loyalty.member_page import Who, given_in_kind, who, why
from loyalty.models import Award, Purchase, PurchaseLine, Return
from loyalty.queries import awards_of, lines_of, payments_of, returns_of
from loyalty.services.settling import waiting_on


@dataclass(frozen=True, slots=True)
class LineRow:
    """What one line of the receipt came to, and gave."""

    title: str
    quantity: Decimal
    amount: Decimal
    points: int
    returned: Decimal


@dataclass(frozen=True, slots=True)
class AwardRow:
    """What one rule gave, by which of its versions, why, and what was taken back since.

    What is no points is ``given`` and ``gone`` in words.
    """

    rule: UUID
    name: str
    version: int
    points: int
    taken_back: int
    detail: str
    given: str = ""
    gone: str = ""


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One time that goods came back; ``kept_back`` is money for points that were spent already."""

    at: datetime
    amount: Decimal
    points: int
    put_back: int = 0
    kept_back: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Waits:
    """Points that can be spent once the purchase is settled, and the last day for that."""

    points: int
    last_day: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything the office is told about a receipt."""

    number: str
    source: str
    store: str
    at: datetime
    actor: str
    total: Decimal
    member: Who | None
    points: int
    lines: Sequence[LineRow]
    awards: Sequence[AwardRow]
    returns: Sequence[ReturnRow]
    payments: Sequence[tuple[str, Decimal]]
    waits: Waits | None = None
    settled_at: datetime | None = None


def receipt_shown(organization: Organization, purchase: Purchase, *, is_masked: bool) -> Receipt:
    """Return a receipt as it stands now."""
    awards = list(awards_of(purchase))
    returns = returns_of(organization).filter(purchase=purchase).order_by("occurred_at", "pk")
    return Receipt(
        number=purchase.external_id,
        source=purchase.source,
        store=purchase.store.name,
        at=purchase.occurred_at,
        actor=actor_names(organization, [purchase.actor]).get(purchase.actor, ""),
        total=purchase.total,
        member=who(purchase.member, is_masked=is_masked) if purchase.member else None,
        points=sum(award.awarded for award in awards if award.unit == Award.Unit.POINTS),
        lines=_lines(purchase, awards),
        awards=[_award(award, organization.currency) for award in awards],
        returns=[_return(one) for one in returns],
        payments=[(one.get_method_display(), one.amount) for one in payments_of(purchase)],
        waits=_waits(purchase) if awards else None,
        settled_at=purchase.settled_at,
    )


def _waits(purchase: Purchase) -> Waits | None:
    waiting = waiting_on(purchase)
    return Waits(waiting.points, last_instant(waiting.at)) if waiting else None


def _lines(purchase: Purchase, awards: Sequence[Award]) -> list[LineRow]:
    points = Counter[int]()
    for award in awards:
        if award.unit == Award.Unit.POINTS:
            points.update(dict(award.lines))
    return [_line(line, points[line.number]) for line in lines_of(purchase)]


def _line(line: PurchaseLine, points: int) -> LineRow:
    title = line.name or line.sku or _("Line %(number)s") % {"number": line.number}
    return LineRow(title, line.quantity, line.amount, points, line.returned_quantity)


def _award(award: Award, currency: str) -> AwardRow:
    version = award.rule_version
    gone = award.reversed if award.unit != Award.Unit.POINTS else 0
    return AwardRow(
        rule=version.rule.public_id,
        name=version.rule.name,
        version=version.number,
        points=award.awarded,
        taken_back=-award.reversed,
        detail=why(award, currency),
        given=given_in_kind(award, currency),
        gone=Wording.for_reader(currency).counted(award.unit, gone) if gone else "",
    )


def _return(one: Return) -> ReturnRow:
    return ReturnRow(
        one.occurred_at,
        one.amount,
        -one.points_reversed,
        put_back=one.points_put_back,
        kept_back=one.deduction,
    )
