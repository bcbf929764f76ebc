"""What is shown of draws: to the office, to members, and to whoever checks the result.

The seed is read here in one place, and only of a draw that is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from core.models import Organization
from loyalty.models import Program
from loyalty.program_document import moment
from members.models import Member
from members.queries import everyone_in
from rewards.drawing.entries import FORMAT, IN, pseudonym_of
from rewards.drawing.hat import SKIPPED
from rewards.drawing.proof import line_as_json, settings_as_json
from rewards.models import Draw, DrawResult, DrawSecret, DrawTicket, MissedTicket, Reward
from rewards.services.draw_closing import lines_of, terms_of

SHOWN = (Draw.Status.OPEN, Draw.Status.CLOSED, Draw.Status.DRAWN)
COUNT = F("last") - F("first") + 1


@dataclass(frozen=True, slots=True)
class Standing:
    """How many tickets of a draw stand, and with how many members."""

    tickets: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True)
class Mine:
    """What a member has in a draw: ranges of numbers that stand, and what was left out."""

    ranges: Sequence[tuple[int, int]] = ()
    missed: Sequence[MissedTicket] = field(default_factory=list)

    @property
    def tickets(self) -> int:
        """Return how many tickets these are."""
        return sum(last - first + 1 for first, last in self.ranges)


def draws_of(organization: Organization) -> QuerySet[Draw]:
    """Return the draws of an organization."""
    draws = Draw.objects.filter(program__organization=organization)
    return draws.select_related("program__organization")


def draws_shown(organization: Organization) -> QuerySet[Draw]:
    """Return the draws that members see, those that close next first."""
    live = draws_of(organization).filter(status__in=SHOWN)
    return live.exclude(program__status=Program.Status.DRAFT)


def standings(draws: Iterable[Draw]) -> dict[int, Standing]:
    """Return by draw how many tickets stand."""
    rows = DrawTicket.objects.filter(draw__in=[one.pk for one in draws], canceled_at=None)
    counted = rows.values("draw_id").annotate(
        tickets=Sum(COUNT),
        people=Count(Coalesce("member__merged_into_id", "member_id"), distinct=True),
    )
    return {row["draw_id"]: Standing(row["tickets"], row["people"]) for row in counted}


def prize_rewards(draws: Sequence[Draw]) -> dict[tuple[int, str], Reward]:
    """Return the rewards that are prizes, by program and code."""
    codes = {prize["reward"] for one in draws for prize in one.prizes}
    rewards = Reward.objects.filter(program__in={one.program_id for one in draws}, code__in=codes)
    return {(one.program_id, one.code): one for one in rewards}


def tickets_by_day(draw: Draw, organization: Organization) -> list[tuple[date, int]]:
    """Return how many tickets came on each local day that any came on, oldest first."""
    day = TruncDate("created_at", tzinfo=organization.zone)
    rows = DrawTicket.objects.filter(draw=draw).annotate(day=day).values("day")
    return list(rows.annotate(tickets=Sum(COUNT)).order_by("day").values_list("day", "tickets"))


def missed_by_reason(draw: Draw) -> list[tuple[str, int]]:
    """Return how many tickets were left out for each reason."""
    rows = MissedTicket.objects.filter(draw=draw).values("why").annotate(tickets=Sum("count"))
    return [
        (str(MissedTicket.Why(row["why"]).label), row["tickets"]) for row in rows.order_by("why")
    ]


def results_of(draw: Draw) -> QuerySet[DrawResult]:
    """Return every pull of a draw, in order."""
    found = DrawResult.objects.filter(draw=draw).select_related(
        "member", "ticket", "grant__redemption__voucher", "takes_over"
    )
    return found.order_by("rank")


def held_by(member: Member, draws: Iterable[Draw]) -> dict[int, Mine]:
    """Return what a member has in each of these draws."""
    everyone = everyone_in(member).values("pk")
    keys = [one.pk for one in draws]
    ranges: dict[int, list[tuple[int, int]]] = {pk: [] for pk in keys}
    missed: dict[int, list[MissedTicket]] = {pk: [] for pk in keys}
    held = DrawTicket.objects.filter(draw__in=keys, member__in=everyone, canceled_at=None)
    for pk, first, last in held.order_by("first").values_list("draw_id", "first", "last"):
        if ranges[pk] and ranges[pk][-1][1] == first - 1:
            first = ranges[pk].pop()[0]  # noqa: PLW2901 -- neighbors are shown as one range
        ranges[pk].append((first, last))
    for one in MissedTicket.objects.filter(draw__in=keys, member__in=everyone).order_by("pk"):
        missed[one.draw_id].append(one)
    return {pk: Mine(ranges[pk], missed[pk]) for pk in keys}


def won_by(member: Member, draws: Iterable[Draw]) -> dict[int, list[DrawResult]]:
    """Return the pulls that brought a member a prize, or a place among the alternates."""
    found = DrawResult.objects.filter(
        draw__in=[one.pk for one in draws], member__in=everyone_in(member).values("pk")
    )
    mine: dict[int, list[DrawResult]] = {}
    for one in found.exclude(kind=SKIPPED).order_by("rank"):
        mine.setdefault(one.draw_id, []).append(one)
    return mine


def pseudonyms_of(member: Member, draw: Draw) -> list[str]:
    """Return what a member is called in the list of a draw; who was merged had another name."""
    known = DrawTicket.objects.filter(draw=draw, member__in=everyone_in(member).values("pk"))
    listed = known.exclude(pseudonym="").values_list("pseudonym", flat=True).distinct()
    found = sorted(listed)
    if found or draw.status != Draw.Status.OPEN:
        return found
    secret = DrawSecret.objects.get(draw=draw)
    return [pseudonym_of(bytes(secret.salt), member.public_id)]


def document_of(draw: Draw) -> dict[str, Any]:
    """Return the document that everybody can check; before the drawing without seed and result."""
    terms = terms_of(draw)
    is_listed = draw.status in (Draw.Status.CLOSED, Draw.Status.DRAWN)
    return {
        "format": FORMAT,
        "organization": draw.program.organization.name,
        "name": draw.name,
        "draw": terms.draw,
        "status": draw.status,
        "commitment": terms.commitment,
        "public_source": terms.public_source,
        "public_text": draw.public_text,
        "seed": _seed_of(draw),
        "settings": settings_as_json(terms),
        "closed_at": moment(draw.closed_at) if draw.closed_at else None,
        "drawn_at": moment(draw.drawn_at) if draw.drawn_at else None,
        "entries": [line_as_json(line) for line in lines_of(draw)] if is_listed else [],
        "entries_digest": draw.entries_digest or None,
        **_results(draw),
    }


def _seed_of(draw: Draw) -> str | None:
    if draw.status != Draw.Status.DRAWN:
        return None
    return bytes(DrawSecret.objects.get(draw=draw).seed).hex()


def _results(draw: Draw) -> dict[str, Any]:
    found = list(DrawResult.objects.filter(draw=draw).select_related("ticket").order_by("rank"))
    since = [one.ticket for one in found if one.kind == SKIPPED and one.ticket.standing == IN]
    reasons = {one.ticket_id: one.reason for one in found if one.kind == SKIPPED}
    to: dict[int | None, int] = {one.takes_over_id: one.rank for one in found}
    return {
        "left_out_since": [[ticket.first, reasons[ticket.pk]] for ticket in since],
        "results": [_pull(one, to) for one in found],
    }


def _pull(one: DrawResult, to: Mapping[int | None, int]) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "number": one.number,
        "pseudonym": one.pseudonym,
        "kind": one.kind,
        "reason": one.reason,
        "prize": one.prize,
        "passed_on_to": to.get(one.pk),
    }


def won_in(organization: Organization) -> QuerySet[DrawResult]:
    """Return the pulls of all draws of an organization, for whoever is to pass a prize on."""
    found = DrawResult.objects.filter(draw__program__organization=organization)
    return found.select_related("draw")
