"""Finds the card behind a code, and tells strangers nothing that would tell cards apart."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.errors import DigitsExpected, Refusal
from core.models import Organization
from core.services.tries import count_try, forget_tries, refuse_slowed
from core.text import typed_number
from members.models import Member
from members.queries import everyone_in
from rewards.gift_card_codes import PIN_DIGITS_MAX, PIN_DIGITS_MIN, check, clean
from rewards.gift_card_errors import GiftCardMistyped, GiftCardNotUsable, GiftCardPinNeeded
from rewards.models import GiftCard

STAFF = "staff:"
UNKNOWN, BLANK, BLOCKED, EXPIRED, PIN = "unknown", "blank", "blocked", "expired", "pin"

# What staff are told; anybody else hears one sentence for all of it.
TO_STAFF: dict[str, str | Promise] = {
    UNKNOWN: gettext_lazy("No gift card has this code."),
    BLANK: gettext_lazy("This gift card was not sold yet."),
    BLOCKED: gettext_lazy("This gift card is blocked. Ask a manager."),
    EXPIRED: gettext_lazy("This gift card has expired."),
    PIN: gettext_lazy("This is not the PIN of this gift card."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who shows a card's code, and what else proves that they may use it.

    ``member`` has proved to be there; a name alone that somebody gives proves nothing.
    """

    actor: Actor
    pin: str = field(default="", repr=False)
    member: Member | None = None


def find_card(*, organization: Organization, typed: str, asker: Asker) -> GiftCard:
    """Return the usable card behind a code, for somebody who may use it.

    Raises ``GiftCardMistyped``, or ``GiftCardNotUsable`` whatever else is wrong with it.
    """
    code = clean(typed)
    if not check(code):
        raise GiftCardMistyped
    card = GiftCard.objects.filter(organization=organization, code=code).first()
    proved = _may_use(card, asker)  # asked in any case, so that it takes its time in any case
    refuse_unusable(card, asker.actor.name, now=timezone.now())
    assert card is not None, "what is not there is not usable"
    if not proved:
        raise not_usable(PIN, asker.actor.name)
    return card


def find_unsold(organization: Organization, typed: str) -> GiftCard | None:
    """Return the printed card behind a code that nobody bought yet, if it is one."""
    blank = GiftCard.objects.filter(organization=organization, status=GiftCard.Status.BLANK)
    return blank.filter(code=clean(typed)).first()


def find_unsold_or_refuse(organization: Organization, typed: str, actor: Actor) -> GiftCard:
    """Return the printed card behind a code; what is none is told in the same words as ever."""
    if not check(clean(typed)):
        raise GiftCardMistyped
    card = find_unsold(organization, typed)
    if card is None:
        raise not_usable(UNKNOWN, actor.name)
    return card


def without_pin(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent as it may be kept: of a PIN only what tells it from another one."""
    return {
        name: _told_apart(value) if name in {"pin", "gift_card_pin"} else value
        for name, value in sent.items()
    }


def refuse_unusable(card: GiftCard | None, actor: str, *, now: datetime) -> None:
    """Refuse a card that is not there, not sold, blocked, or past its last day."""
    why = _why_not(card, now)
    if why:
        raise not_usable(why, actor)


def not_usable(why: str, actor: str) -> GiftCardNotUsable:
    """Return the refusal: to staff with the reason, to anybody else without."""
    is_staff = actor.startswith(STAFF)
    refusal = GiftCardNotUsable(TO_STAFF[why] if is_staff else None)
    refusal.may_have_pin = is_staff and why == PIN
    return refusal


def has_ended(card: GiftCard, now: datetime) -> bool:
    """Say whether the card's last day is over, also when no job has booked that yet."""
    return card.valid_until is not None and card.valid_until <= now


@contextmanager
def against_guessing(
    *, organization: Organization, actor: Actor, pins_for: Iterable[str] = ()
) -> Iterator[None]:
    """Slow down who asks for cards that they cannot use; to be entered before any transaction.

    Codes are too long to be guessed, so that only failures are counted; a PIN is short, so that
    tries of one card's are counted before they are compared. ``pins_for`` are the codes that came
    with one; only who got all of it right starts anew.
    """
    asking = f"gift_card:{actor.name}"
    had_failed = refuse_slowed(subject=asking)
    trying = [_pin_subject(organization, code) for code in pins_for]
    for subject in trying:
        count_try(subject=subject)
    try:
        yield
    except GiftCardNotUsable:
        count_try(subject=asking)
        raise
    if had_failed or trying:
        forget_tries(subjects=[asking, *trying])


def holds(member: Member | None, holder_id: int) -> bool:
    """Say whether a member is the holder of a card, or was before they were merged."""
    return member is not None and everyone_in(member).filter(pk=holder_id).exists()


def pin_digest(card: GiftCard, pin: str) -> bytes:
    """Return what is kept of a card's PIN."""
    said = f"{card.public_id}:{pin}"
    return salted_hmac("rewards.gift_card.pin", said, algorithm="sha256").digest()


def clean_pin(typed: str) -> str:
    """Return a PIN as ASCII digits; raise ``GiftCardPinNeeded`` for what cannot be one."""
    try:
        pin = typed_number(typed)
    except DigitsExpected:
        raise GiftCardPinNeeded from None
    if not PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX:
        raise GiftCardPinNeeded
    return pin


def _told_apart(pin: str) -> str:
    return salted_hmac("rewards.gift_card.sent_pin", pin, algorithm="sha256").hexdigest()


def _may_use(card: GiftCard | None, asker: Asker) -> bool:
    """Say whether the asker holds the card or knows its PIN, where it has one."""
    is_right = _is_right_pin(card or GiftCard(), asker.pin)
    if card is None or card.pin_digest is None:
        return True
    return is_right or (card.member_id is not None and holds(asker.member, card.member_id))


def _is_right_pin(card: GiftCard, typed: str) -> bool:
    try:
        pin = clean_pin(typed)
    except Refusal:
        pin = ""
    return hmac.compare_digest(bytes(card.pin_digest or b""), pin_digest(card, pin))


def _why_not(card: GiftCard | None, now: datetime) -> str:
    if card is None:
        return UNKNOWN
    if card.status == GiftCard.Status.BLANK:
        return BLANK
    if card.status == GiftCard.Status.BLOCKED:
        return BLOCKED
    return EXPIRED if card.status == GiftCard.Status.EXPIRED or has_ended(card, now) else ""


def _pin_subject(organization: Organization, typed: str) -> str:
    # Of the code as it was typed, known or not: what is counted tells nothing either.
    digest = sha256(clean(typed).encode()).hexdigest()
    return f"gift_card_pin:{organization.pk}:{digest[:40]}"
