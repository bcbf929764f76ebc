"""Gives what cards, tiers and challenges promise, and takes it back when their reason is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from loyalty.gifts import AnyGift, BadgeGift, PointsGift
from loyalty.models import Entry, Grant
from loyalty.services.ledger import Book, Cause, Credit, earn, take_back
from loyalty.signals import grants_given, grants_withdrawn
from loyalty.waiting import dates_from


@dataclass(frozen=True, slots=True)
class Gifted:
    """What was given for one cause."""

    entries: list[Entry]
    grants: list[Grant]


class Due(NamedTuple):
    """What a member is to be given for one cause, in the book of the account."""

    account_id: int
    member_id: int
    gifts: Sequence[AnyGift]
    cause: Cause


def give_gifts(
    book: Book, account_id: int, member_id: int, gifts: Sequence[AnyGift], cause: Cause
) -> Gifted:
    """Give these for one cause, in the book of the account, once per cause and thing.

    Points can be spent at once and last as long as the program says. The apps above fulfill the
    rest inside the same transaction.
    """
    [given] = give_many(book, [Due(account_id, member_id, gifts, cause)])
    return given


def give_many(book: Book, due: Sequence[Due]) -> list[Gifted]:
    """Give what is due for many causes, in their order, in as many statements as for one."""
    done = [_gifted(book, one) for one in due]
    every = [grant for one in done for grant in one.grants]
    give_grants(every, is_silent=book.batch is not None)
    return done


def _gifted(book: Book, due: Due) -> Gifted:
    account_id, member_id, gifts, cause = due
    points = sum(gift.points for gift in gifts if isinstance(gift, PointsGift))
    entries = [_give_points(book, account_id, points, cause)] if points else []
    grants = [
        _grant(book, account_id, member_id, gift, cause)
        for gift in gifts
        if not isinstance(gift, PointsGift)
    ]
    return Gifted(entries, grants)


def give_grants(grants: Sequence[Grant], *, is_silent: bool = False) -> None:
    """Store grants and let the apps that own what they name fulfill them; history is silent."""
    if grants:
        Grant.objects.bulk_create(grants)
        grants_given.send(sender=Grant, grants=list(grants), is_silent=is_silent)


def take_gifts(
    book: Book, account_id: int, points: int, cause: Cause, grants: Collection[Grant]
) -> Entry | None:
    """Take back points that were a gift, and the grants that nobody has used yet."""
    withdraw_grants(grants, book)
    if not points:
        return None
    debt = book.accounts[account_id].program.terms.debt != "floor"
    nothing: frozenset[int] = frozenset()
    return take_back(book, account_id, points, cause, earned_by=nothing, debt_allowed=debt).entry


def withdraw_grants(grants: Collection[Grant], book: Book) -> None:
    """Take grants back; what the apps above refuse, because it was used, stays given."""
    wanted = {grant.pk: grant for grant in grants if grant.status == Grant.Status.GIVEN}
    if not wanted:
        return
    answers = grants_withdrawn.send(sender=Grant, grants=list(wanted.values()))
    used = {int(pk) for _receiver, kept in answers for pk in kept or ()}
    for pk, grant in wanted.items():
        if pk not in used:
            grant.status, grant.withdrawn_at = Grant.Status.WITHDRAWN, book.now
    Grant.objects.bulk_update(wanted.values(), ["status", "withdrawn_at"])


def end_grant(grant: Grant, book: Book) -> None:
    """Note that the app above took back what it had given, in the book of the account."""
    grant.status, grant.withdrawn_at = Grant.Status.WITHDRAWN, book.now
    grant.save(update_fields=["status", "withdrawn_at"])


def _give_points(book: Book, account_id: int, points: int, cause: Cause) -> Entry:
    program = book.accounts[account_id].program
    at = min(cause.occurred_at, book.now)
    dates = dates_from(at, program.terms.expiry, program.organization.zone)
    return earn(book, account_id, [Credit(points, *dates)], cause)


def _grant(book: Book, account_id: int, member_id: int, gift: AnyGift, cause: Cause) -> Grant:
    assert not isinstance(gift, PointsGift), "points are no grant"
    assert cause.pk is not None, "a grant has a cause"
    if isinstance(gift, BadgeGift):
        kind, target = Grant.Kind.BADGE, gift.badge
    else:
        kind, target = Grant.Kind.VOUCHER, gift.reward
    return Grant(
        account_id=account_id,
        member_id=member_id,
        kind=kind,
        target=target,
        cause=cause.kind,
        cause_id=cause.pk,
        request_key=cause.request_key,
        actor=book.actor.name,
        given_at=book.now,
    )
