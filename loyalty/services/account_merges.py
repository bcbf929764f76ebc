"""Empties a member's accounts into somebody else's, program by program, and gives them back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils import timezone

from core.actors import Actor
from loyalty.models import AccountHolder, AccountMerge, Lot, Program
from loyalty.services.accounts import accounts_for
from loyalty.services.following import Joined, follow_merges
from loyalty.services.ledger import (
    MERGED,
    Book,
    Cause,
    brought_by,
    came_from,
    merge,
    open_book,
    unmerge,
)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What an undone merge gave back in one program of the points that had come over."""

    program: Program
    brought: int
    points: int

    @property
    def gone(self) -> int:
        """Return how many were spent meanwhile, paid what was owed, or have ended."""
        return self.brought - self.points


def empty_into(
    *,
    member_id: int,
    people: Collection[int],
    into_id: int,
    actor: Actor,
    request_key: str,
) -> list[AccountMerge]:
    """Let one member's accounts be carried on by another's; all these ``people`` hold those then.

    The members are locked by the caller.
    """
    own = AccountHolder.objects.filter(member=member_id).order_by("program_id")
    emptied = dict(own.values_list("program_id", "account_id"))
    kept = accounts_for((program_id, into_id) for program_id in emptied)
    merges = AccountMerge.objects.bulk_create(
        AccountMerge(
            kept_id=kept[program_id, into_id],
            emptied_id=account_id,
            member_id=member_id,
            request_key=request_key,
            actor=actor.name,
        )
        for program_id, account_id in emptied.items()
        if account_id != kept[program_id, into_id]
    )
    _carry_on(merges, people, actor, request_key)
    return merges


def give_back(
    *, merges: Collection[AccountMerge], people: Collection[int], actor: Actor, request_key: str
) -> list[GivenBack]:
    """Undo these merges: what is left of the points goes back, and ``people`` hold them again."""
    done: list[GivenBack] = []
    accounts = {pk for row in merges for pk in (row.kept_id, row.emptied_id)}
    with open_book(accounts, actor=actor) as book:
        for row in merges:
            brought = brought_by(row)
            cause = Cause(MERGED, row.pk, f"{request_key}:unmerge", book.now)
            points = unmerge(book, row.emptied_id, row.kept_id, cause)
            done.append(GivenBack(book.accounts[row.emptied_id].program, brought, points))
            row.undone_at = timezone.now()
            row.save(update_fields=["undone_at"])
            program_id = book.accounts[row.emptied_id].program_id
            held = AccountHolder.objects.filter(program=program_id, member__in=people)
            held.update(account_id=row.emptied_id)
        follow_merges(book, [_joined(book, row, is_undone=True) for row in merges])
    return done


def let_go(*, people: Collection[int], except_in: Iterable[int]) -> None:
    """Let these people hold nothing more of what they shared, but in the programs named."""
    held = AccountHolder.objects.filter(member__in=people)
    held.exclude(program__in=list(except_in)).delete()


def left_of(row: AccountMerge) -> GivenBack:
    """Say what would go back now if the merge were undone."""
    living = row.kept
    while living.merged_into is not None:
        living = living.merged_into
    lots = Lot.objects.filter(pk__in=came_from(living.pk, row.emptied_id))
    live = lots.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    points = live.aggregate(points=Sum("remaining"))["points"] or 0
    return GivenBack(row.emptied.program, brought_by(row), int(points))


def _carry_on(
    merges: Collection[AccountMerge], people: Collection[int], actor: Actor, request_key: str
) -> None:
    accounts = {pk for row in merges for pk in (row.kept_id, row.emptied_id)}
    with open_book(accounts, actor=actor) as book:
        for row in merges:
            cause = Cause(MERGED, row.pk, f"{request_key}:merge", book.now)
            merge(book, row.emptied_id, row.kept_id, cause)
            held = AccountHolder.objects.filter(account_id=row.emptied_id, member__in=people)
            held.update(account_id=row.kept_id)
        follow_merges(book, [_joined(book, row) for row in merges])


def _joined(book: Book, row: AccountMerge, *, is_undone: bool = False) -> Joined:
    kept, emptied = book.accounts[row.kept_id], book.accounts[row.emptied_id]
    return Joined(row=row, kept=kept, emptied=emptied, is_undone=is_undone)
