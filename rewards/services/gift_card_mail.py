"""Sends a gift card to whom it was bought for; the mail is written with the sale."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.locking import lock_one
from core.models import Organization, OutgoingMessage
from core.services.messages import Letter, send_later
from core.templatetags.formats import last_day, money
from rewards.gift_card_codes import grouped
from rewards.gift_card_errors import GiftCardNotUsable
from rewards.models import GiftCard
from rewards.services.gift_card_finding import refuse_unusable


def mail_card(card: GiftCard, organization: Organization) -> None:
    """Write the mail with a card's code in the caller's transaction; a worker sends it after.

    It is sent until the mail server takes it, and never again after that.
    """
    letter = _letter(card, organization)
    card.message = send_later(organization_id=organization.pk, letter=letter)
    card.save(update_fields=["message"])


@transaction.atomic
def mail_card_again(*, card_id: int, actor: Actor) -> GiftCard:
    """Send a card's mail once more because somebody asks for it: the last one is over.

    Raises ``GiftCardNotUsable``; while the last mail is on its way nothing is sent.
    """
    card = lock_one(GiftCard, card_id, "organization", "message")
    refuse_unusable(card, actor.name, now=timezone.now())
    if not card.email:
        raise GiftCardNotUsable
    if card.message is None or card.message.over_at is not None:
        mail_card(card, card.organization)
        audit.record("mailed", card, organization_id=card.organization_id, actor=actor)
    return card


def _letter(card: GiftCard, organization: Organization) -> Letter:
    """Write the mail in the recipient's language."""
    member = card.member
    speaks = (member and member.language) or organization.language
    with translation.override(speaks), timezone.override(organization.zone):
        told = {
            "shop": organization.name,
            "amount": money(card.balance, card.currency),
            "code": grouped(card.code),
        }
        lines = [
            _("You have a gift card from %(shop)s: %(amount)s to spend.") % told,
            _("Show this code at the till, or type it when you pay: %(code)s") % told,
        ]
        if card.valid_until is not None:
            lines.append(_("It is valid until %(day)s.") % {"day": last_day(card.valid_until)})
        lines.append(_("Keep it like cash: whoever has the code can spend it."))
        return Letter(
            channel=OutgoingMessage.Channel.EMAIL,
            to=card.email,
            subject=_("Your gift card from %(shop)s") % told,
            text="\n\n".join(lines),
        )
