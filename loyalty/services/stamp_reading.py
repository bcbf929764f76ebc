"""The stamp cards of an organization and of its members, as they stand now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from core.models import Organization
from loyalty.models import Program, StampCard, StampCardVersion, StampSheet
from loyalty.rule_history import counting
from loyalty.services.stamp_strips import spec_of
from loyalty.stamps.spec import StampCardSpec
from members.models import Member

# Each card that a member may fill: the sheet that is open, and what a new one would be begun with.
HELD = """
    SELECT card.id, card.public_id, card.code, card.name, card.status, program.id, program.slug,
        coalesce(CASE WHEN sheet.is_open THEN sheet.version_id END, current.id),
        CASE WHEN sheet.is_open THEN sheet.stamps ELSE 0 END,
        CASE WHEN sheet.is_open THEN sheet.expires_at END,
        coalesce(sheet.is_open, false)
    FROM loyalty_stampcard card
    JOIN loyalty_program program ON program.id = card.program_id
    LEFT JOIN loyalty_accountholder holder
        ON holder.program_id = program.id AND holder.member_id = %(member)s
    LEFT JOIN LATERAL (
        SELECT newest.*, newest.completed_at IS NULL
            AND (newest.expires_at IS NULL OR newest.expires_at > %(now)s) AS is_open
        FROM loyalty_stampsheet newest
        WHERE newest.account_id = holder.account_id AND newest.card_id = card.id
        ORDER BY newest.number DESC LIMIT 1
    ) sheet ON true
    LEFT JOIN LATERAL (
        SELECT version.id FROM loyalty_stampcardversion version
        WHERE version.card_id = card.id AND version.effective_from <= %(now)s
        ORDER BY version.number DESC LIMIT 1
    ) current ON true
    WHERE program.organization_id = %(organization)s AND program.status IN ('live', 'paused')
        AND (
            (card.status = 'active' AND current.id IS NOT NULL
                AND (program.is_open OR holder.id IS NOT NULL))
            OR (card.status IN ('active', 'paused') AND sheet.is_open AND sheet.stamps <> 0)
        )
    ORDER BY coalesce(sheet.is_open, false) DESC, card.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCard:
    """A card as somebody holds it now; one that was not begun has no stamps.

    Below zero, stamps are owed.
    """

    card_id: int
    public_id: str
    code: str
    name: str
    program_id: int
    program: str
    spec: StampCardSpec
    version: int
    stamps: int
    expires_at: datetime | None
    is_begun: bool
    is_resting: bool


@dataclass(frozen=True, slots=True)
class CardFigures:
    """How many sheets of a card are being filled, are full, and have lapsed."""

    filling: int = 0
    full: int = 0
    lapsed: int = 0


def cards_held_by(member: Member, now: datetime) -> list[HeldCard]:
    """Return the cards that a member can fill, those begun first, in one question."""
    values: dict[str, Any] = {
        "member": member.pk,
        "organization": member.organization_id,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(HELD, values)
        return [_held(row) for row in cursor.fetchall()]


def _held(row: tuple[Any, ...]) -> HeldCard:
    pk, public_id, code, name, status, program_id, program, version, stamps, ends, is_begun = row
    return HeldCard(
        card_id=pk,
        public_id=str(public_id),
        code=code,
        name=name,
        program_id=program_id,
        program=program,
        spec=spec_of(version),
        version=version,
        stamps=stamps,
        expires_at=ends,
        is_begun=is_begun,
        is_resting=status != StampCard.Status.ACTIVE,
    )


def past_sheets(member: Member, now: datetime) -> QuerySet[StampSheet]:
    """Return the sheets of a member that take no more stamps: full, lapsed, or of an ended card."""
    is_over = Q(completed_at__isnull=False) | Q(expires_at__lte=now) | Q(lapsed_at__isnull=False)
    ended = Q(card__status=StampCard.Status.ENDED)
    sheets = StampSheet.objects.filter(is_over | ended, account__holders__member=member)
    return sheets.exclude(stamps__lte=0).select_related("card")


def cards_of(organization: Organization) -> QuerySet[StampCard]:
    """Return the stamp cards of all programs of the organization, oldest first."""
    cards = StampCard.objects.filter(program__organization=organization)
    return cards.select_related("program").order_by("pk")


def card_versions(cards: Iterable[StampCard]) -> dict[int, list[StampCardVersion]]:
    """Return what each card says and ever said, oldest first, by the card's key."""
    found: dict[int, list[StampCardVersion]] = {card.pk: [] for card in cards}
    versions = StampCardVersion.objects.filter(card__in=found).order_by("card_id", "number")
    for version in versions:
        found[version.card_id].append(version)
    return found


def card_figures(cards: Iterable[StampCard], now: datetime) -> dict[int, CardFigures]:
    """Return how many sheets of each card are being filled, are full, and have lapsed."""
    begun = Q(completed_at__isnull=True, stamps__gt=0)
    is_over = Q(expires_at__lte=now)
    stays = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    sheets = StampSheet.objects.filter(card__in=[card.pk for card in cards]).order_by()
    counted = sheets.values("card_id").annotate(
        filling=Count("pk", filter=begun & stays),
        full=Count("pk", filter=Q(completed_at__isnull=False)),
        lapsed=Count("pk", filter=begun & is_over),
    )
    rows = counted.values_list("card_id", "filling", "full", "lapsed")
    return {card_id: CardFigures(*numbers) for card_id, *numbers in rows}


def public_cards(program: Program, now: datetime) -> list[tuple[StampCard, StampCardSpec]]:
    """Return the cards that take stamps now, with what they say."""
    cards = StampCard.objects.filter(program=program, status=StampCard.Status.ACTIVE)
    versions = card_versions(cards.order_by("pk"))
    known = {card.pk: card for card in cards}
    valid = {
        pk: [version for version in counting(every) if version.effective_from <= now]
        for pk, every in versions.items()
    }
    return [(known[pk], spec_of(begun[-1].pk)) for pk, begun in valid.items() if begun]
