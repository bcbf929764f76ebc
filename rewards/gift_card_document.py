"""The part of a program file that says how the organization's gift cards are sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from core.program_files import Fault
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.earning.vocabulary.parts import Exact, Part

SECTION = "gift_cards"
MONTHS_MAX = 600
LIMIT_MAX = Decimal("99999999999.999")

Months = Annotated[int, Field(strict=True, ge=1, le=MONTHS_MAX)]
Limit = Annotated[Exact, Field(gt=0, le=LIMIT_MAX)]


class GiftCardsPart(Part):
    """What is decided about gift cards; what it does not name stays as it is."""

    valid_months: Months | None = None
    asks_pin: bool = Field(default=False, strict=True)
    balance_max: Limit = Decimal(1000)
    load_max: Limit = Decimal(1000)
    refund_to_ended: Literal["new_card", "refuse"] = "new_card"


def gift_card_faults(data: object) -> list[Fault]:
    """Return what is wrong with what a file says of gift cards."""
    try:
        GiftCardsPart.model_validate(data)
    except ValidationError as error:
        return faults_of(error, data)
    return []


def read_gift_cards(data: Any) -> dict[str, Any]:
    """Return what a file without faults names, and no more."""
    return GiftCardsPart.model_validate(data).model_dump(exclude_unset=True)
