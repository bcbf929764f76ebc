"""Points that are given up for good, with a reason."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import about
from core.text import clean_line
from loyalty.errors import NothingToForfeit
from loyalty.models import AccountHolder, Entry
from loyalty.services.ledger import Cause, forfeit, open_book
from members.errors import MemberInHousehold
from members.models import Member
from members.queries import place_in_household, survivor

REASON_LENGTH_MAX = 200


@transaction.atomic
def forfeit_points(*, member_id: int, reason: str, actor: Actor, request_key: str) -> list[Entry]:
    """Give up all that a member has in every program, waiting points too; return the entries.

    What is set aside for a reward stays with it, and what is owed stays owed. Points of a
    household are not one member's to give up. Raises ``MemberInHousehold``,
    ``AccountUnderReview`` or ``NothingToForfeit``.
    """
    member = survivor(Member.objects.get(pk=member_id))
    if place_in_household(member) is not None:
        raise MemberInHousehold
    with about("reason"):
        why = clean_line(reason, max_length=REASON_LENGTH_MAX)
    held = AccountHolder.objects.filter(member=member).order_by("account_id")
    cause = Cause("forfeit", None, f"{request_key}:forfeit:1", timezone.now(), why)
    with open_book(held.values_list("account_id", flat=True), actor=actor) as book:
        for account_id in book.accounts:
            book.refuse_under_review(account_id)
        given_up = [forfeit(book, account_id, cause) for account_id in list(book.accounts)]
    entries = [entry for entry in given_up if entry is not None]
    if not entries:
        raise NothingToForfeit
    for entry in entries:
        audit.record(
            "forfeit", entry, organization_id=member.organization_id, actor=actor, reason=why
        )
    return entries
