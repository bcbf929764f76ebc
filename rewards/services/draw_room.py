"""How many tickets of a draw one person may still have, however many members they were."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from members.models import Member
from rewards.models import Draw, DrawTicket


class Room:
    """What is left for some members under the lock of the draw; who was merged shares it."""

    def __init__(self, draw: Draw, member_ids: Collection[int]) -> None:
        """Look how many tickets these have, where the draw has a limit."""
        self._people: dict[int, int] = {}
        self._left: dict[int, int] = {}
        most = draw.tickets_per_member
        if most is None:
            return
        known = _everyone_in(set(_people(Q(pk__in=set(member_ids))).values()))
        held = dict.fromkeys(known.values(), 0)
        for pk, tickets in _held(draw, known):
            held[known[pk]] += tickets
        self._people = known
        self._left = {person: max(0, most - tickets) for person, tickets in held.items()}

    def left_for(self, member_id: int, wanted: int) -> int:
        """Return how many of the wanted ones the member may have."""
        if not self._left:
            return wanted
        return min(wanted, self._left[self._people[member_id]])

    def take(self, member_id: int, count: int) -> None:
        """Count tickets that the member is given now."""
        if self._left:
            self._left[self._people[member_id]] -= count


def _everyone_in(people: Collection[int]) -> dict[int, int]:
    """Return these people and everybody who was merged into them, with whom they are now."""
    return _people(Q(pk__in=people) | Q(merged_into__in=people))


def _people(which: Q) -> dict[int, int]:
    members = Member.objects.filter(which)
    return dict(members.values_list("pk", Coalesce("merged_into", "pk")))


def _held(draw: Draw, member_ids: Collection[int]) -> Iterable[tuple[int, int]]:
    """Return the members who hold tickets that stand, with how many they hold."""
    standing = DrawTicket.objects.filter(draw=draw, member__in=member_ids, canceled_at=None)
    return standing.values_list("member_id").annotate(held=Sum(F("last") - F("first") + 1))
