"""Lifts everybody who qualifies by a new ladder: in chunks, resumable, and never down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM
from core.services.rounds import one_by_one
from loyalty.models import Account, LadderLift, Program, TierChange, TierCount
from loyalty.services.ledger import Book, open_book
from loyalty.services.rulebook import rulebooks
from loyalty.services.tier_counts import count_past
from loyalty.services.tier_states import Seen, Why, ladders_of, see, store
from loyalty.tiers.fold import Ladders, happened

CHUNK = 500
LADDER = "ladder"


def lift_everybody(*, now: datetime | None = None, chunk: int = CHUNK) -> int:
    """Carry every ladder that has begun through all accounts; return how many chunks."""
    moment = now or timezone.now()
    due = LadderLift.objects.filter(finished_at=None, version__effective_from__lte=moment)
    keys = list(due.order_by("version__effective_from", "pk").values_list("pk", flat=True))
    return one_by_one(keys, lambda pk: _lift(pk, chunk), what="ladders")


def _lift(lift_id: int, chunk: int) -> int:
    chunks = 0
    while lift_chunk(lift_id=lift_id, chunk=chunk):
        chunks += 1
    return chunks


@transaction.atomic
def lift_chunk(*, lift_id: int, chunk: int = CHUNK) -> bool:
    """Lift the next accounts; say whether there may be more.

    Two at once do not do the same: who finds the position moved has done nothing.
    """
    lift = LadderLift.objects.select_related("version").get(pk=lift_id)
    if lift.finished_at is not None:
        return False
    program = Program.objects.filter(pk=lift.version.program_id)
    accounts = Account.objects.filter(program__in=program, merged_into=None, pk__gt=lift.position)
    if not _is_first(lift):
        accounts = accounts.filter(standing__isnull=False)
    ids = list(accounts.order_by("pk").values_list("pk", flat=True)[:chunk])
    if ids:
        [rules] = rulebooks(program)
        ladders = ladders_of(rules)
        assert ladders is not None, "a ladder that lifts has a version"
        with open_book(ids, actor=SYSTEM, to_earn=True) as book:
            _lift_these(book, ids, ladders, is_first=_is_first(lift))
    return _move(lift, ids[-1] if ids else None)


def _lift_these(book: Book, ids: list[int], ladders: Ladders, *, is_first: bool) -> None:
    if is_first:
        count_past(ids, book.now)
    counted = set(
        TierCount.objects.filter(account__in=ids).values_list("account_id", flat=True).distinct()
    )
    living = [book.accounts[pk] for pk in ids if book.accounts[pk].merged_into_id is None]
    by_program = {account.program_id: ladders for account in living}
    seen = see(living, by_program, book.now)
    known = [one for pk, one in seen.items() if one.row is not None or pk in counted]
    for one in known:
        one.advance(book.now)
        _look(one, book)
    store(known, actor=SYSTEM.name)


def _look(one: Seen, book: Book) -> None:
    """Let an account have what its past, just counted, has earned."""
    for move in happened(one.state, one.tally, one.ladders, book.now):
        one.note(move._replace(why=TierChange.Why.RULES), Why(LADDER))


def _is_first(lift: LadderLift) -> bool:
    """Say whether nobody's past was counted yet in this program."""
    finished = LadderLift.objects.filter(version__program=lift.version.program_id)
    return not finished.exclude(finished_at=None).exists()


def _move(lift: LadderLift, reached: int | None) -> bool:
    here = LadderLift.objects.filter(pk=lift.pk, position=lift.position, finished_at=None)
    if reached is None:
        here.update(finished_at=timezone.now())
        return False
    if not here.update(position=reached):
        transaction.set_rollback(True)  # somebody else has done these
        return False
    return True
