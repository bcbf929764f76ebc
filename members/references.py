"""How a shop system names a member in one text: by id, by card number or by phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InvalidInput
from members import cards
from members.phones import e164, typed_digits

LENGTH_MAX = 100

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Sign(StrEnum):
    """What a member is named by."""

    ID = "id"
    CARD = "card"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Reference:
    """A member's id, card number or phone in its one spelling."""

    sign: Sign
    text: str


def parse_reference(raw: str, *, region: str | None) -> Reference:
    """Read whichever of the three this is, or refuse what cannot be any of them."""
    typed = raw.strip()
    if _UUID.fullmatch(typed):
        return Reference(Sign.ID, typed.lower())
    try:
        if _looks_like_a_card(typed):
            return Reference(Sign.CARD, cards.parse_card(typed))
        return Reference(Sign.PHONE, e164(typed, region=region))
    except InvalidInput as refusal:
        refusal.field = "member"
        raise


def _looks_like_a_card(typed: str) -> bool:
    digits = typed_digits(typed)
    # No country's numbers begin so and are that long, so a wrong check digit is told as one.
    is_long_enough = len(digits) == cards.LENGTH and digits.startswith(cards.PREFIX)
    return is_long_enough and not typed.startswith("+")
