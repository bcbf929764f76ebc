"""What a stamp card looks like: its places, what is on them, and the one sentence that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import Organization
from loyalty.earning.units import Unit
from loyalty.earning.wording import Wording, chained
from loyalty.expiry import last_instant
from loyalty.models import StampCard, StampSheet
from loyalty.services.stamp_reading import HeldCard, cards_held_by
from loyalty.services.stamp_strips import spec_of
from loyalty.stamps.spec import StampCardSpec
from loyalty.stamps.words import gifts_in_short, so_far, to_go
from members.models import Member
from rewards.answers import Answer, moment
from rewards.queries import gift_names

COLUMNS = (5, 4, 6, 7, 3)  # in the order in which they look best
COLUMNS_OTHERWISE = 5


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place of a card; ``gift`` says what it gives, if anything."""

    number: int
    is_filled: bool
    gift: str = ""
    is_newest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StripView:
    """A card as members and cashiers see it; ``owed`` stamps come first."""

    name: str
    places: Sequence[PlaceView]
    columns: int
    so_far: str
    to_go: str = ""
    owed: int = 0
    expires_at: datetime | None = None
    is_resting: bool = False

    @property
    def is_full(self) -> bool:
        """Say whether every place has its stamp."""
        return all(place.is_filled for place in self.places)


@dataclass(frozen=True, slots=True)
class PastRow:
    """A sheet that takes no more stamps, and what it gave if it was full."""

    name: str
    at: datetime
    so_far: str
    gifts: str
    state: str
    label: str


def strips_of(member: Member, organization: Organization) -> list[StripView]:
    """Return the cards that a member can fill, those begun first."""
    return [_strip(card, say) for card, say in _held_by(member, organization)]


def stamp_answers(member: Member, organization: Organization) -> list[Answer]:
    """Return the same cards as shop systems are told of them."""
    return [_answer(card, say) for card, say in _held_by(member, organization)]


def strip_of(name: str, spec: StampCardSpec, stamps: int, say: Wording) -> StripView:
    """Return a card with so many stamps."""
    is_full = stamps >= spec.size
    return StripView(
        name=name,
        places=[_place(spec, number, stamps, say) for number in range(1, spec.size + 1)],
        columns=columns_for(spec.size),
        so_far=so_far(spec, stamps, say),
        to_go="" if is_full else to_go(spec, stamps, say),
        owed=max(0, -stamps),
    )


def past_rows(sheets: Iterable[StampSheet], organization: Organization) -> list[PastRow]:
    """Return sheets that take no more stamps, as a list of them shows them."""
    shown = list(sheets)
    names = gift_names(organization) if shown else {}
    return [_past(row, wording_among(organization, names, row.card.program_id)) for row in shown]


def columns_for(size: int) -> int:
    """Return how many places stand beside one another so that the rows are even."""
    return next((count for count in COLUMNS if size % count == 0), COLUMNS_OTHERWISE)


def wording_for(organization: Organization, program_id: int) -> Wording:
    """Return how what a program gives is written, with the rewards by their names."""
    return wording_among(organization, gift_names(organization), program_id)


def wording_among(
    organization: Organization, names: Mapping[tuple[int, str], str], program_id: int
) -> Wording:
    """Return how what a program gives is written, with these names of rewards of all programs."""
    say = Wording.for_reader(organization.currency)
    own = {
        (Unit.VOUCHERS.value, code): name for (pk, code), name in names.items() if pk == program_id
    }
    return replace(say, names=own)


def _strip(card: HeldCard, say: Wording) -> StripView:
    return replace(
        strip_of(card.name, card.spec, card.stamps, say),
        expires_at=card.expires_at if card.stamps > 0 else None,
        is_resting=card.is_resting,
    )


def _held_by(member: Member, organization: Organization) -> list[tuple[HeldCard, Wording]]:
    held = cards_held_by(member, timezone.now())
    names = gift_names(organization) if held else {}
    return [(card, wording_among(organization, names, card.program_id)) for card in held]


def _answer(card: HeldCard, say: Wording) -> Answer:
    spec = card.spec
    places = [*(one.at for one in spec.milestones), spec.size]
    return {
        "card": card.code,
        "program": card.program,
        "name": card.name,
        "stamps": card.stamps,
        "size": spec.size,
        "gives": [{"at": at, "text": gifts_in_short(spec.gifts_at(at), say)} for at in places],
        "expires_at": moment(card.expires_at) if card.expires_at else None,
        "takes_stamps": not card.is_resting,
        "text": chained([so_far(spec, card.stamps, say), to_go(spec, card.stamps, say)]),
    }


def _past(row: StampSheet, say: Wording) -> PastRow:
    spec = spec_of(row.version_id)
    told = row.card.name, so_far(spec, row.stamps, say)
    if row.completed_at is not None:
        gifts = gifts_in_short(spec.gifts, say)
        return PastRow(told[0], row.completed_at, told[1], gifts, "finished", _("Full"))
    if row.card.status == StampCard.Status.ENDED:
        return PastRow(told[0], row.stamped_at, told[1], "", "ended", _("Ended"))
    lapsed_at = row.expires_at or row.stamped_at
    return PastRow(told[0], last_instant(lapsed_at), told[1], "", "expired", _("Lapsed"))


def _place(spec: StampCardSpec, number: int, stamps: int, say: Wording) -> PlaceView:
    return PlaceView(
        number=number,
        is_filled=number <= stamps,
        gift=gifts_in_short(spec.gifts_at(number), say),
        is_newest=number == stamps,
    )
