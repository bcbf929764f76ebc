"""Grants for what rules awarded that another app owns, and for what returns take of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from loyalty.models import Award, AwardReversal, Grant
from loyalty.services.gifts import give_grants, withdraw_grants
from loyalty.services.ledger import Book
from loyalty.services.recorded import Followed

AWARD = "award"  # the cause of a grant that a rule gave
KINDS = {Award.Unit.VOUCHERS.value: Grant.Kind.VOUCHER, Award.Unit.TICKETS.value: Grant.Kind.TICKET}


class InKind(NamedTuple):
    """The stored awards of one purchase or activity of a member, and where grants are told."""

    member_id: int
    awards: Sequence[Award]
    request_key: str
    followed: Followed


def give_awarded(book: Book, given: Iterable[InKind]) -> None:
    """Give what these awards promise beside points, stamps and the like."""
    every: list[Grant] = []
    for one in given:
        grants = [grant for award in one.awards for grant in _grants(book, one, award)]
        one.followed.grants += grants
        every += grants
    give_grants(every, is_silent=book.batch is not None)


def withdraw_awarded(book: Book, reversals: Iterable[AwardReversal]) -> None:
    """Take grants back as far as returns took their awards, and rather those nobody has used."""
    awards = {part.award.pk: part.award for part in reversals if part.award.unit in KINDS}
    if not awards:
        return
    standing: dict[int, list[Grant]] = {pk: [] for pk in awards}
    given = Grant.objects.filter(cause=AWARD, cause_id__in=awards, status=Grant.Status.GIVEN)
    for grant in given.order_by("number"):
        standing[grant.cause_id].append(grant)
    surplus = {
        pk: sum(grant.count for grant in grants) - (awards[pk].awarded - awards[pk].reversed)
        for pk, grants in standing.items()
    }
    while tried := [
        grant for pk, grants in standing.items() for grant in _taken_out(grants, surplus[pk])
    ]:
        withdraw_grants(tried, book)
        for grant in tried:
            if grant.status == Grant.Status.WITHDRAWN:
                surplus[grant.cause_id] -= grant.count


def _taken_out(grants: list[Grant], surplus: int) -> Iterator[Grant]:
    """Take out of these, the last first, as many as do not go beyond what is to be taken back."""
    for grant in grants[::-1]:
        if grant.count <= surplus:
            surplus -= grant.count
            grants.remove(grant)
            yield grant


def _grants(book: Book, one: InKind, award: Award) -> Iterator[Grant]:
    kind = KINDS.get(award.unit)
    if kind is None or not award.awarded:
        return
    counts = _doubling(award.awarded) if kind is Grant.Kind.TICKET else [1] * award.awarded
    for number, count in enumerate(counts, start=1):
        yield Grant(
            account_id=award.account_id,
            member_id=one.member_id,
            kind=kind,
            target=award.target,
            number=number,
            count=count,
            cause=AWARD,
            cause_id=award.pk,
            request_key=one.request_key,
            actor=book.actor.name,
            given_at=book.now,
        )


def _doubling(count: int) -> Iterator[int]:
    """Part tickets into few grants of 1, 2, 4 …, so that the return of a part takes its part."""
    size = 1
    while count:
        part = min(size, count)
        yield part
        count, size = count - part, size * 2
