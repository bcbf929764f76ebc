"""Brings an organization's gift card terms to what a program file says, and writes them down."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from core.actors import Actor
from core.currencies import decimals_of
from core.errors import Refusal
from core.locking import lock_one
from core.models import Organization
from core.program_files import Fault
from loyalty.earning.exact import plain
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from rewards.errors import AmountTooFine
from rewards.gift_card_document import SECTION, read_gift_cards
from rewards.gift_card_errors import GiftCardLimit
from rewards.services.gift_card_terms import Decided, save_terms, terms_of

MONEY = ("balance_max", "load_max")


@transaction.atomic
def load_gift_cards(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Decide what the data names; what it does not name, and cards that were sold, stay.

    The terms are the organization's: the file of any of its programs may speak of them.
    """
    organization_id = Program.objects.values_list("organization", flat=True).get(pk=program_id)
    organization = lock_one(Organization, organization_id)
    known, named = terms_of(organization), read_gift_cards(data)
    fields = [name for name, value in named.items() if getattr(known, name) != value]
    decided = {name: getattr(known, name) for name in Decided.__slots__} | named
    try:
        _refuse_fractions(named, decimals_of(organization.currency))
        save_terms(organization_id=organization_id, decided=Decided(**decided), actor=actor)
    except (AmountTooFine, GiftCardLimit) as refusal:
        raise _in_file(refusal, named) from refusal
    return [f"{SECTION}.{name}" for name in fields]


def dump_gift_cards(program_id: int) -> dict[str, Any]:
    """Return the terms that count, whether or not anybody has decided."""
    terms = terms_of(Organization.objects.get(programs=program_id))
    told = {name: getattr(terms, name) for name in Decided.__slots__}
    return told | {name: plain(told[name]) for name in MONEY}


def _refuse_fractions(named: dict[str, Any], decimals: int) -> None:
    for name in MONEY:
        if name in named and named[name] != round(named[name], decimals):
            raise AmountTooFine(field=name, decimals=decimals)


def _in_file(refusal: Refusal, named: Collection[str]) -> ProgramInvalid:
    """Tell a refusal as a fault of the file, at the limit that it names."""
    field = refusal.field if refusal.field in named else "balance_max"
    fault = Fault(field=f"{SECTION}.{field}", code=refusal.code, message=str(refusal))
    return ProgramInvalid(errors=[fault])
