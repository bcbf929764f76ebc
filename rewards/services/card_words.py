"""How full stamp cards are after a purchase, and what is missing, in the names of rewards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from django.utils import timezone

from loyalty.earning.units import Unit
from loyalty.earning.wording import Wording
from loyalty.models import Program
from loyalty.services.recorded import Earned, StampsMoved
from loyalty.services.stamp_reading import HeldCard, cards_held_by
from loyalty.services.stamp_strips import spec_of
from loyalty.stamps.words import to_go
from members.models import Member
from rewards.answers import OnCard
from rewards.queries import gift_names


def on_cards(earned: Iterable[Earned]) -> list[OnCard]:
    """Return the cards that a recorded purchase gave stamps on."""
    return _in_words([(part.program, moved) for part in earned for moved in part.followed.stamps])


def would_be_on_cards(earned: Sequence[Earned], member: Member | None) -> list[OnCard]:
    """Return how full the cards would be that a purchase would give stamps on."""
    given = [
        (part.program, award.goal.target, award.awarded)
        for part in earned
        for award in part.outcome.awards
        if award.goal.unit is Unit.STAMPS and award.awarded
    ]
    if not given or member is None:
        return []
    held = {(one.program_id, one.code): one for one in cards_held_by(member, timezone.now())}
    sums: dict[tuple[int, str], int] = {}
    programs = {program.pk: program for program, _code, _stamps in given}
    for program, code, stamps in given:
        sums[program.pk, code] = sums.get((program.pk, code), 0) + stamps
    return _in_words(
        [
            (programs[key[0]], _after(held[key], stamps))
            for key, stamps in sums.items()
            if key in held
        ]
    )


def _after(card: HeldCard, given: int) -> StampsMoved:
    size = card.spec.size
    stamps = card.stamps + given
    filled = max(0, stamps // size)
    return StampsMoved(
        card.code, card.name, given, stamps - filled * size, size, filled, card.version
    )


def _in_words(moves: Sequence[tuple[Program, StampsMoved]]) -> list[OnCard]:
    if not moves:
        return []
    organization = moves[0][0].organization
    say, names = Wording.for_reader(organization.currency), gift_names(organization)
    return [
        OnCard(**asdict(moved), to_go=_to_go(moved, _named(say, names, program)))
        for program, moved in moves
    ]


def _named(say: Wording, names: dict[tuple[int, str], str], program: Program) -> Wording:
    own = {
        (Unit.VOUCHERS.value, code): name for (pk, code), name in names.items() if pk == program.pk
    }
    return replace(say, names=own)


def _to_go(moved: StampsMoved, say: Wording) -> str:
    return to_go(spec_of(moved.version), moved.stamps, say)
