"""Gift cards: sold, loaded, spent, put back on, blocked, corrected and ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.actors import SYSTEM, Actor
from core.errors import NameMissing
from core.locking import lock_one
from core.models import Organization
from core.services.rounds import one_by_one
from core.transactions import atomic_part
from members.models import Member
from rewards.answers import money
from rewards.gift_card_codes import check, clean, ending, make
from rewards.gift_card_errors import (
    GiftCardMistyped,
    GiftCardNotUsable,
    GiftCardPinNeeded,
    GiftCardRefundTooLarge,
    InsufficientGiftCardBalance,
)
from rewards.models import GiftCard, GiftCardTerms
from rewards.services.gift_card_finding import (
    UNKNOWN,
    clean_pin,
    has_ended,
    holds,
    not_usable,
    pin_digest,
    refuse_unusable,
)
from rewards.services.gift_card_ledger import Booking, Kind, book, is_booked, to_refund, was_charged
from rewards.services.gift_card_mail import mail_card
from rewards.services.gift_card_terms import (
    refuse_beyond_limit,
    refuse_currency,
    terms_of,
    valid_until,
)

CHUNK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGiftCard:
    """A card that is being sold; ``blank_id`` is the printed one that is handed over, if one is.

    Where cards are sold with a PIN, one that its member holds or that replaces another needs none.
    What was promised is given whole: it is no matter of the limits of what is sold.
    """

    amount: Decimal
    currency: str
    blank_id: int | None = None
    pin: str = field(default="", repr=False)
    member_id: int | None = None
    store_id: int | None = None
    email: str = ""
    replaces_id: int | None = None
    needs_pin: bool = True
    is_promised: bool = False


@atomic_part
def sell(*, organization_id: int, new: NewGiftCard, booking: Booking) -> GiftCard:
    """Sell a card: a new one, or a printed one that was blank until now.

    Raises ``GiftCardLimit``, ``GiftCardPinNeeded``, ``GiftCardNotUsable`` or ``CurrencyMismatch``.
    """
    organization = Organization.objects.get(pk=organization_id)
    terms = terms_of(organization)
    refuse_currency(organization.currency, new.currency)
    if not new.is_promised:
        refuse_beyond_limit(terms, new.amount)
    card = _unsold(organization, new.blank_id)
    _take_pin(card, new.pin, asked=terms.asks_pin and new.needs_pin)
    return _activate(organization, terms, card, new, booking)


@atomic_part
def load(*, card_id: int, amount: Decimal, booking: Booking) -> GiftCard:
    """Put more money on a card; its last day stays.

    Raises ``GiftCardLimit`` or ``GiftCardNotUsable``.
    """
    card = lock_one(GiftCard, card_id, "organization")
    if is_booked(card, booking):
        return card
    refuse_unusable(card, booking.actor, now=booking.now)
    refuse_beyond_limit(terms_of(card.organization), amount, balance=card.balance)
    book(card, Kind.LOAD, amount, booking)
    return card


@atomic_part
def charge(*, card_id: int, amount: Decimal, booking: Booking) -> GiftCard:
    """Take money off a card, all of it or nothing.

    Raises ``InsufficientGiftCardBalance`` or ``GiftCardNotUsable``.
    """
    card = lock_one(GiftCard, card_id)
    if is_booked(card, booking):
        return card
    refuse_unusable(card, booking.actor, now=booking.now)
    if amount > card.balance:
        raise InsufficientGiftCardBalance(balance=money(card.balance), needed=money(amount))
    book(card, Kind.CHARGE, -amount, booking)
    return card


@atomic_part
def refund(*, card_id: int, amount: Decimal, booking: Booking) -> GiftCard:
    """Put back what was charged for a purchase, and return the card that holds it now.

    What was charged to a card that has ended since or is blocked goes onto a new card, unless the
    organization would rather refuse. Raises ``GiftCardRefundTooLarge`` or ``GiftCardNotUsable``.
    """
    card = lock_one(GiftCard, card_id, "organization")
    if is_booked(card, booking):
        return card.replaced_by.order_by("-pk").first() or card
    left = to_refund(card, booking.reference)
    if amount > left:
        raise GiftCardRefundTooLarge(most=money(left))
    try:
        refuse_unusable(card, booking.actor, now=booking.now)
    except GiftCardNotUsable:
        if terms_of(card.organization).refund_to_ended == GiftCardTerms.ToEnded.REFUSE:
            raise
        return _refund_to_new(card, amount, booking)
    book(card, Kind.REFUND, amount, booking)
    return card


def find_charged(
    *, organization: Organization, typed: str, actor: Actor, reference: str
) -> GiftCard:
    """Return the card that paid for a purchase and can have something of it put back.

    A card that never did is as good as unknown: raises ``GiftCardMistyped``, ``GiftCardNotUsable``.
    """
    code = clean(typed)
    if not check(code):
        raise GiftCardMistyped
    card = GiftCard.objects.filter(organization=organization, code=code).first()
    if card is None or not was_charged(card, reference):
        raise not_usable(UNKNOWN, actor.name)
    return card


@transaction.atomic
def adjust(
    *, card_id: int, amount: Decimal, reason: str, actor: Actor, request_key: str
) -> GiftCard:
    """Correct what is on a card by hand, up or down, and write down why."""
    if not reason:
        raise NameMissing(field="reason")
    card = lock_one(GiftCard, card_id, "organization")
    booking = Booking(actor=actor.name, request_key=request_key, reason=reason)
    if is_booked(card, booking):
        return card
    refuse_unusable(card, actor.name, now=booking.now)
    if -amount > card.balance:
        raise InsufficientGiftCardBalance(balance=money(card.balance), needed=money(-amount))
    if amount > 0:
        refuse_beyond_limit(terms_of(card.organization), amount, balance=card.balance)
    book(card, Kind.ADJUST, amount, booking)
    _note("adjusted", card, actor, reason)
    return card


@transaction.atomic
def block(*, card_id: int, reason: str, actor: Actor) -> GiftCard:
    """Let nobody use a card until it is unblocked; what is on it stays. Blocked ones stay so."""
    card = lock_one(GiftCard, card_id)
    if card.status == GiftCard.Status.BLOCKED:
        return card
    refuse_unusable(card, actor.name, now=timezone.now())
    _set_status(card, GiftCard.Status.BLOCKED)
    _note("blocked", card, actor, reason)
    return card


@transaction.atomic
def unblock(*, card_id: int, actor: Actor) -> GiftCard:
    """Let a blocked card be used again."""
    card = lock_one(GiftCard, card_id)
    if card.status == GiftCard.Status.BLOCKED:
        _set_status(card, GiftCard.Status.ACTIVE)
        _note("unblocked", card, actor)
    return card


@atomic_part
def take_load_back(*, card_id: int, amount: Decimal, booking: Booking) -> bool:
    """Take what was loaded off a card again, if it is all there still; say whether it was.

    A card that is empty then is blocked, so that nobody sells it anew.
    """
    card = lock_one(GiftCard, card_id)
    if is_booked(card, booking):
        return True
    if amount > card.balance:
        return False
    book(card, Kind.ADJUST, -amount, booking)
    if not card.balance and card.status == GiftCard.Status.ACTIVE:
        _set_status(card, GiftCard.Status.BLOCKED)
    return True


@transaction.atomic
def keep(*, card_id: int, member_id: int) -> GiftCard:
    """Put a card that nobody holds into a member's wallet, to be shown from there without its PIN.

    Raises ``GiftCardNotUsable`` when somebody else holds it.
    """
    member = Member.objects.get(pk=member_id)
    card = lock_one(GiftCard, card_id)
    refuse_unusable(card, f"member:{member_id}", now=timezone.now())
    if card.member_id is not None and not holds(member, card.member_id):
        raise GiftCardNotUsable
    card.member = member
    card.save(update_fields=["member"])
    return card


def expire_gift_cards() -> int:
    """Book some cards whose last day is over; return how many. What was on them is gone."""
    live = [GiftCard.Status.ACTIVE, GiftCard.Status.BLOCKED]
    over = GiftCard.objects.filter(status__in=live, valid_until__lte=timezone.now())
    pks = list(over.order_by("valid_until").values_list("pk", flat=True)[:CHUNK])
    return one_by_one(pks, _expire, what="expire_gift_cards")


def _unsold(organization: Organization, blank_id: int | None) -> GiftCard:
    if blank_id is None:
        code = make()
        return GiftCard(organization=organization, code=code, ending=ending(code))
    return lock_one(GiftCard, blank_id)


def _take_pin(card: GiftCard, typed: str, *, asked: bool) -> None:
    if typed:
        card.pin_digest = pin_digest(card, clean_pin(typed))
    elif asked and card.pin_digest is None:
        raise GiftCardPinNeeded


def _activate(
    organization: Organization,
    terms: GiftCardTerms,
    card: GiftCard,
    new: NewGiftCard,
    booking: Booking,
) -> GiftCard:
    if card.status != GiftCard.Status.BLANK:
        raise GiftCardNotUsable(_("This gift card was sold before."))
    card.status = GiftCard.Status.ACTIVE
    card.currency, card.valid_until = new.currency, valid_until(organization, terms, booking.now)
    card.member_id, card.email = new.member_id, new.email
    card.sold_in_id, card.sold_at, card.replaces_id = new.store_id, booking.now, new.replaces_id
    card.save()
    book(card, Kind.LOAD, new.amount, booking)
    if new.email:
        mail_card(card, organization)
    return card


def _refund_to_new(card: GiftCard, amount: Decimal, booking: Booking) -> GiftCard:
    """Put money back on a card that cannot be used, and move it to a new one of the same holder."""
    _book_while_ended(card, amount, booking)
    new = NewGiftCard(
        amount=amount,
        currency=card.currency,
        member_id=card.member_id,
        email=card.email,
        replaces_id=card.pk,
        needs_pin=False,
    )
    moved = Booking(
        actor=booking.actor,
        request_key=f"{booking.request_key}:new",
        now=booking.now,
        purchase_id=booking.purchase_id,
        came_back_id=booking.came_back_id,
        reason=_("In place of the gift card ending in %(ending)s") % {"ending": card.ending},
    )
    organization, terms = card.organization, terms_of(card.organization)
    return _activate(organization, terms, _unsold(organization, None), new, moved)


def _book_while_ended(card: GiftCard, amount: Decimal, booking: Booking) -> None:
    """Book that money came to a card and left it at once, whatever state it is in."""
    status = card.status
    if status == GiftCard.Status.EXPIRED:  # which holds nothing, not even for a moment
        _set_status(card, GiftCard.Status.BLOCKED)
    book(card, Kind.REFUND, amount, booking)
    gone = Booking(
        actor=booking.actor,
        request_key=f"{booking.request_key}:moved",
        now=booking.now,
        reason=_("Moved to a new gift card"),
    )
    book(card, Kind.ADJUST, -amount, gone)
    if card.status != status:
        _set_status(card, GiftCard.Status(status))


@transaction.atomic
def _expire(pk: int) -> bool:
    card = lock_one(GiftCard, pk)
    now = timezone.now()
    # Another worker may have booked it while we waited.
    if card.status == GiftCard.Status.EXPIRED or not has_ended(card, now):
        return False
    if card.balance:
        booking = Booking(actor=SYSTEM.name, request_key=f"expire:{card.pk}", now=now)
        book(card, Kind.EXPIRE, -card.balance, booking)
    _set_status(card, GiftCard.Status.EXPIRED)
    return True


def _set_status(card: GiftCard, status: GiftCard.Status) -> None:
    card.status = status
    card.save(update_fields=["status"])


def _note(verb: str, card: GiftCard, actor: Actor, reason: str = "") -> None:
    audit.record(verb, card, organization_id=card.organization_id, actor=actor, reason=reason)
