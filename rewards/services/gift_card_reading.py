"""What pages ask about gift cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from core.models import Organization, Staff
from loyalty.earning.exact import ZERO
from members.models import Member
from members.queries import everyone_in
from rewards.gift_card_codes import ENDING, check, clean
from rewards.models import GiftCard, GiftCardBatch, GiftCardEntry, Voucher
from rewards.queries import vouchers_held_by
from rewards.services.gift_card_ledger import Kind
from rewards.voucher_codes import check as voucher_check
from rewards.voucher_codes import clean as voucher_clean


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What an organization owes to who holds its gift cards, and on how many cards."""

    amount: Decimal
    cards: int


def cards_of(organization: Organization) -> QuerySet[GiftCard]:
    """Return the cards of an organization that were sold or given, with what is shown of them."""
    cards = GiftCard.objects.filter(organization=organization)
    return cards.select_related("organization", "member", "sold_in", "batch", "message")


def cards_like(organization: Organization, *, typed: str, state: str) -> QuerySet[GiftCard]:
    """Return the cards in a state whose code ends as somebody typed, or is what they typed."""
    cards, now = cards_of(organization), timezone.now()
    over = Q(status=GiftCard.Status.EXPIRED) | Q(valid_until__lte=now)
    if state == GiftCard.Status.EXPIRED:
        cards = cards.filter(over)
    elif state:
        cards = cards.filter(status=state).exclude(over)
    else:
        cards = cards.exclude(status=GiftCard.Status.BLANK)
    if not typed.strip():
        return cards
    if check(clean(typed)):
        return cards.filter(code=clean(typed))
    end = "".join(char for char in typed.upper() if char.isalnum())[-ENDING:]
    return cards.filter(ending__endswith=end) if end else cards.none()


def outstanding(organization: Organization) -> Outstanding:
    """Return what can still be spent on cards: the money that is owed for them."""
    live = [GiftCard.Status.ACTIVE, GiftCard.Status.BLOCKED]
    owed = GiftCard.objects.filter(organization=organization, status__in=live, balance__gt=0)
    owed = owed.exclude(valid_until__lte=timezone.now())
    sums = owed.aggregate(amount=Sum("balance"), cards=Count("pk"))
    return Outstanding(sums["amount"] or ZERO, sums["cards"])


def entries_of(card: GiftCard) -> QuerySet[GiftCardEntry]:
    """Return what happened to a card, newest first."""
    entries = GiftCardEntry.objects.filter(card=card)
    return entries.select_related("purchase__store").order_by("-sequence")


def actors_of(organization: Organization, entries: Sequence[GiftCardEntry]) -> dict[str, str]:
    """Return the names of the staff who did these, by how the ledger names them."""
    pks = {entry.actor.removeprefix("staff:") for entry in entries if "staff:" in entry.actor}
    staff = Staff.objects.filter(organization=organization, pk__in=pks)
    return {f"staff:{pk}": name for pk, name in staff.values_list("pk", "name")}


def batches_of(organization: Organization) -> QuerySet[GiftCardBatch]:
    """Return the batches of printed cards, with how many of each were sold."""
    batches = GiftCardBatch.objects.filter(organization=organization)
    sold = Count("cards", filter=~Q(cards__status=GiftCard.Status.BLANK))
    return batches.annotate(sold=sold)


def cards_held_by(member: Member) -> QuerySet[GiftCard]:
    """Return the cards in a member's wallet, the newest first."""
    cards = cards_of(member.organization).filter(member__in=everyone_in(member))
    return cards.order_by("-pk")


def sold_here(organization: Organization, staff: Staff, *, since: datetime) -> QuerySet[GiftCard]:
    """Return the cards that somebody at a till sold lately, whose codes they may see still."""
    loads = GiftCardEntry.objects.filter(
        card__organization=organization, kind=Kind.LOAD, actor=f"staff:{staff.pk}", sequence=1
    )
    lately = loads.filter(created_at__gte=since)
    return cards_of(organization).filter(pk__in=lately.values("card"))


def is_usable_voucher(member: Member, typed: str) -> bool:
    """Say whether what was typed as a gift card is a voucher that this member can use now."""
    code = voucher_clean(typed)
    if not voucher_check(code):
        return False
    known = vouchers_held_by(member).filter(code=code, status=Voucher.Status.ISSUED)
    return known.exclude(valid_until__lte=timezone.now()).exists()
