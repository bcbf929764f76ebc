"""What a file knows members by, each sign in its one spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import about
from core.text import clean_line
from members.cards import parse_card
from members.emails import clean_email, email_key
from members.phones import e164

EXTERNAL_ID_LENGTH_MAX = 64
SIGNS = ("phone", "email", "card", "external_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of one person; several signs must all be theirs."""

    phone: str | None = None
    email: str | None = None
    card: str | None = None
    external_id: str | None = None

    @property
    def email_key(self) -> str | None:
        """Return what two spellings of the address share."""
        return email_key(self.email) if self.email else None

    @property
    def can_join(self) -> bool:
        """Say whether this is enough to become a member."""
        return bool(self.phone or self.email)

    def __bool__(self) -> bool:
        return bool(self.phone or self.email or self.card or self.external_id)


def read_signs(typed: Mapping[str, str], *, region: str | None) -> Signs:
    """Read signs as they are typed, or refuse the first that cannot be one."""
    phone, email, card, external_id = (typed.get(name, "").strip() for name in SIGNS)
    with about("external_id"):
        key = clean_line(external_id, max_length=EXTERNAL_ID_LENGTH_MAX) or None
    return Signs(
        phone=e164(phone, region=region) if phone else None,
        email=clean_email(email) if email else None,
        card=parse_card(card) if card else None,
        external_id=key,
    )
