"""Makes one member of two, with all they have in every program, and parts them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from core.actors import Actor
from core.errors import Missing
from loyalty.balances import NOTHING, Balance
from loyalty.models import AccountMerge
from loyalty.queries import Holding, balances_held_by
from loyalty.services.account_merges import GivenBack, empty_into, give_back, left_of, let_go
from members.models import Member, MemberMerge
from members.services.merging import join_members, part_members, refuse_merge
from members.services.people import led_by


@dataclass(frozen=True, slots=True)
class Together:
    """What two members have in one program, and what the one they become will have."""

    holding: Holding
    other: Balance

    @property
    def balance(self) -> int:
        """Return what could be spent then; what either owes is paid from it."""
        return self.holding.balance.balance + self.other.balance

    @property
    def pending(self) -> int:
        """Return what would wait then."""
        return self.holding.balance.pending + self.other.pending


@dataclass(frozen=True, slots=True)
class Parted:
    """A merge that was undone, and what went back."""

    merge: MemberMerge
    given_back: Sequence[GivenBack]


@transaction.atomic
def merge_members(
    *, organization_id: int, kept_id: int, merged_id: int, actor: Actor, request_key: str
) -> MemberMerge:
    """Let one member carry on all that another has: points with their dates, cards, contacts.

    Whatever still comes for the merged one lands on the survivor. Raises ``PointsSetAside``,
    ``AccountUnderReview`` and what ``join_members`` raises; nothing is changed then.
    """
    _refuse_strangers(organization_id, kept_id, merged_id)
    merge = join_members(kept_id=kept_id, merged_id=merged_id, actor=actor, request_key=request_key)
    empty_into(
        member_id=merged_id,
        people=[merged_id, *merge.followers],
        into_id=kept_id,
        actor=actor,
        request_key=request_key,
    )
    return merge


@transaction.atomic
def unmerge_members(
    *, organization_id: int, merge_id: int, actor: Actor, request_key: str
) -> Parted:
    """Part two members again; what was spent meanwhile stays spent."""
    if not MemberMerge.objects.filter(pk=merge_id, organization=organization_id).exists():
        raise Missing
    merge = part_members(merge_id=merge_id, actor=actor)
    people = led_by([merge.merged_id])[merge.merged_id]
    merges = _account_merges(merge)
    given_back = give_back(merges=merges, people=people, actor=actor, request_key=request_key)
    let_go(people=people, except_in=[one.program.pk for one in given_back])
    return Parted(merge, given_back)


def preview_merge(kept: Member, merged: Member) -> list[Together]:
    """Say what two members would have together, or refuse as the merge would be refused."""
    refuse_merge(kept, merged)
    own = {held.program.pk: held for held in balances_held_by(kept)}
    others = {held.program.pk: held for held in balances_held_by(merged)}
    return [
        Together(
            own.get(pk, Holding(others[pk].program, NOTHING)) if pk in others else own[pk],
            others[pk].balance if pk in others else NOTHING,
        )
        for pk in sorted(own.keys() | others.keys())
    ]


def preview_parting(merge: MemberMerge) -> list[GivenBack]:
    """Say what would go back if the merge were undone now."""
    return [left_of(row) for row in _account_merges(merge)]


def _account_merges(merge: MemberMerge) -> list[AccountMerge]:
    rows = AccountMerge.objects.filter(
        member=merge.merged_id, request_key=merge.request_key, undone_at=None
    )
    return list(rows.select_related("kept", "emptied__program").order_by("pk"))


def _refuse_strangers(organization_id: int, *member_ids: int) -> None:
    here = Member.objects.filter(organization=organization_id, pk__in=member_ids)
    if here.count() != len(set(member_ids)):
        raise Missing
