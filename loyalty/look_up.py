"""Whom a phone, card or e-mail means and what they have: one question for every customer at a till.

A question for the member and another for the balances would ask the same, and take twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from core.models import Organization
from core.prepared import Place, Prepared
from loyalty.balances import LOT_SUMS, Balance
from loyalty.models import Program
from loyalty.queries import HAS_LADDER, Holding, balances_held_by
from members.models import Member
from members.phones import is_e164
from members.queries import SIGNS, card_number, rows_by_sign, spelled, survivor


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A member, the number of their card, and what they have, oldest program first."""

    member: Member
    number: str | None
    held: list[Holding]


def looked_up(organization: Organization, sign: str, text: str) -> LookedUp | None:
    """Return whom this phone, card or e-mail means, in whatever notation it is typed.

    Tills send phones in the spelling in which we have them. Reading such a number, which has to be
    right where somebody has it, takes a good part of the time that finding it does.
    """
    as_it_stands = sign == "phone" and is_e164(text)
    found = _with(organization, sign, text) if as_it_stands else None
    return found or _with(organization, sign, spelled(organization, sign, text))


def _with(organization: Organization, sign: str, known: str) -> LookedUp | None:
    rows = _ROWS[sign](organization.pk, known, timezone.now())
    if not rows:
        return None
    member = rows[0]
    if member.merged_into_id is not None:
        return as_known(survivor(member))
    return LookedUp(member, card_number(member), [_holding(one) for one in rows if one.program_id])  # type: ignore[attr-defined]


def as_known(member: Member) -> LookedUp:
    """Return what a member has who was found in some other way."""
    return LookedUp(member, card_number(member), balances_held_by(member))


def _rows(sign: str, organization: Place, known: Place, now: Place) -> QuerySet[Member]:
    """Return the member once for each program in which they have an account, or once."""
    found = rows_by_sign(sign, organization, known).only(
        "public_id", "name", "phone", "email", "status", "merged_into", "joined_at"
    )
    sums = LOT_SUMS.format(account="loyalty_accountholder.account_id")
    return found.annotate(
        program_id=F("holdings__program_id"),
        program_slug=F("holdings__program__slug"),
        debt=F("holdings__account__debt"),
        account_id=F("holdings__account_id"),
        sums=RawSQL(sums, [now]),  # noqa: S611
        has_ladder=RawSQL(HAS_LADDER, []),  # noqa: S611
    ).order_by("program_id")


_ROWS = {sign: Prepared(partial(_rows, sign)) for sign in SIGNS}


def _holding(row: Any) -> Holding:
    names = ["id", "slug"]  # whoever wants to know more of the program reads it
    program = Program.from_db(DEFAULT_DB_ALIAS, names, [row.program_id, row.program_slug])
    balance = Balance.of(row.debt, row.sums)
    return Holding(program, balance, row.account_id, row.has_ladder)
