"""Where members are found: every answer is scoped to one organization."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from core.errors import InvalidInput, Missing, Refusal
from core.models import Organization
from core.text import refuse_controls
from members import cards, phones
from members.cards import is_card_number, parse_card
from members.emails import clean_email, email_key
from members.errors import LookUpUnreadable
from members.models import Card, CardStatus, Member
from members.models.members import MemberQuerySet
from members.names import masked_name
from members.phones import e164, mask_phone, typed_digits

RESULTS_MAX = 10
DIGITS_MIN = 4
_TRUNK_PREFIX_FROM_DIGITS = 8


@dataclass(frozen=True, slots=True)
class MaskedMember:
    """What a cashier may see of somebody before choosing them."""

    public_id: UUID
    name: str
    phone: str
    card: str
    is_blocked: bool


def members_of(organization: Organization) -> MemberQuerySet:
    """Return the members this organization may see."""
    return Member.objects.filter(organization=organization)
