"""What the till shows of receipts that were rung up without a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core.keyed_forms import new_key
from loyalty.models import Purchase
from rewards.services.till import number_on_paper


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A receipt without a member; ``key`` is that of the form that gives it to one."""

    purchase: UUID
    receipt: str
    at: datetime
    amount: Decimal
    key: str


def earlier_row(purchase: Purchase) -> EarlierRow:
    """Return a receipt that can still be given to a member."""
    return EarlierRow(
        purchase=purchase.public_id,
        receipt=number_on_paper(purchase),
        at=purchase.occurred_at,
        amount=purchase.total - purchase.returned,
        key=new_key(),
    )
