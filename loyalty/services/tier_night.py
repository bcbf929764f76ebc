"""Looks at tiers whose time is over: kept, held for a while, or lowered, each as of its day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from core.actors import SYSTEM
from loyalty.models import Account, Program, Standing, TierChange, TierGrant
from loyalty.services.ledger import Book, open_book
from loyalty.services.rulebook import rulebooks
from loyalty.services.tier_memberships import ended
from loyalty.services.tier_states import NIGHT, ladders_of, see, store, tell_of
from loyalty.tiers.fold import Ladders

CHUNK = 500


@transaction.atomic
def look_chunk(
    *, organization_id: int, due: datetime, after: int = 0, chunk: int = CHUNK
) -> int | None:
    """Look at the next accounts that are due; return the last, or nothing at the end.

    Days that were missed are made up for, each tier with the day it should have ended on, and
    told of once.
    """
    ids = _due(organization_id, due, after, chunk)
    if not ids:
        return None
    programs = Program.objects.filter(organization_id=organization_id)
    found = {rules.program.pk: ladders_of(rules) for rules in rulebooks(programs)}
    ladders = {pk: one for pk, one in found.items() if one is not None}
    with open_book(ids, actor=SYSTEM, to_earn=True) as book:
        changes = [*_end_grants(book, ids, due), *_look(book, ids, ladders, due)]
    tell_of(_last_of_each(changes), organization_id)
    return ids[-1]


def _due(organization_id: int, due: datetime, after: int, most: int) -> list[int]:
    """Return the accounts of which a tier is due, or something given has ended."""
    accounts = Account.objects.filter(program__organization_id=organization_id, pk__gt=after)
    standing = Standing.objects.filter(account__merged_into=None, due_at__lte=due)
    given = TierGrant.objects.filter(ended_at=None, ends_at__lte=due)
    found: set[int] = set()
    for keys in (
        standing.filter(account__in=accounts).values_list("account_id", flat=True),
        given.filter(account__in=accounts).values_list("account_id", flat=True),
    ):
        found |= set(keys.order_by("account_id")[:most])
    return sorted(found)[:most]


def _look(
    book: Book, ids: Iterable[int], ladders: dict[int, Ladders], due: datetime
) -> list[TierChange]:
    living = [book.accounts[pk] for pk in ids if book.accounts[pk].merged_into_id is None]
    seen = [one for one in see(living, ladders, book.now).values() if one.row is not None]
    changes = [change for one in seen for change in one.advance(due)]
    store(seen, actor=SYSTEM.name)
    return changes


def _end_grants(book: Book, ids: Sequence[int], due: datetime) -> list[TierChange]:
    """Note that what was given has ended, on the day on which it did."""
    over = TierGrant.objects.filter(account__in=ids, ended_at=None, ends_at__lte=due)
    grants = list(over.select_related("account").order_by("pk"))
    for grant in grants:
        grant.ended_at = grant.ends_at
    TierGrant.objects.bulk_update(grants, ["ended_at"])
    changes = [
        ended(grant, grant.ended_at, SYSTEM.name, cause=NIGHT, cause_id=None)
        for grant in grants
        if grant.ended_at is not None and book.accounts[grant.account_id].merged_into_id is None
    ]
    TierChange.objects.bulk_create(changes)
    return changes


def _last_of_each(changes: Iterable[TierChange]) -> list[TierChange]:
    """Return the last step of each account: of days that were missed nobody is told one by one."""
    return list({change.account_id: change for change in changes}.values())
