"""What an organization decides about its gift cards: how long, how much, with a PIN or not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core import audit
from core.actors import Actor
from core.days import add_months, local_day, start_of_day
from core.locking import lock_one
from core.models import Organization
from loyalty.earning.exact import ZERO
from rewards.answers import money
from rewards.errors import CurrencyMismatch
from rewards.gift_card_errors import GiftCardLimit
from rewards.models import GiftCardTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What somebody decided about the gift cards of an organization."""

    valid_months: int | None
    asks_pin: bool
    balance_max: Decimal
    load_max: Decimal
    refund_to_ended: str


def terms_of(organization: Organization) -> GiftCardTerms:
    """Return what the organization decided, or what counts until it does."""
    known = GiftCardTerms.objects.filter(organization=organization).first()
    return known or GiftCardTerms(organization=organization)


@transaction.atomic
def save_terms(*, organization_id: int, decided: Decided, actor: Actor) -> GiftCardTerms:
    """Decide about the gift cards that are sold or loaded from now on; those sold stay."""
    organization = lock_one(Organization, organization_id)
    terms = terms_of(organization)
    wanted = asdict(decided)
    if wanted["load_max"] > wanted["balance_max"]:
        raise GiftCardLimit(field="load_max", most=money(wanted["balance_max"]))
    changed = [name for name, value in wanted.items() if getattr(terms, name) != value]
    for name in changed:
        setattr(terms, name, wanted[name])
    if changed:
        terms.save()
        audit.record("changed", terms, organization_id=organization_id, actor=actor, fields=changed)
    return terms


def refuse_currency(expected: str, currency: str) -> None:
    """Refuse money of another currency than a card's."""
    if currency != expected:
        raise CurrencyMismatch


def refuse_beyond_limit(terms: GiftCardTerms, amount: Decimal, *, balance: Decimal = ZERO) -> None:
    """Refuse to load more at once, or to have more on a card, than is allowed."""
    most = min(terms.load_max, terms.balance_max - balance)
    if amount > most:
        raise GiftCardLimit(most=money(max(most, ZERO)))


def valid_until(organization: Organization, terms: GiftCardTerms, now: datetime) -> datetime | None:
    """Return the end of the last local day on which a card sold now can be used, if any."""
    if terms.valid_months is None:
        return None
    last = add_months(local_day(now, organization.zone), terms.valid_months)
    return start_of_day(last.fromordinal(last.toordinal() + 1), organization.zone)
