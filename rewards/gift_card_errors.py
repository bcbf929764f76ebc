"""How gift cards say no; what a stranger is told does not tell cards apart."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class GiftCardMistyped(InvalidInput):
    """The check character shows that the code was not typed as it was printed."""

    code = "gift_card_mistyped"
    field = "code"
    sentence = _("One character of this gift card's code is wrong. Look at it again.")


class GiftCardNotUsable(Refusal):
    """There is no such card for this caller, or it cannot be used; staff are told which."""

    code = "gift_card_not_usable"
    field = "code"
    sentence = _("This gift card cannot be used.")
    may_have_pin = False  # set for staff alone


class InsufficientGiftCardBalance(Refusal):
    """There is less on the card; ``balance`` and ``needed`` are in the data."""

    code = "insufficient_gift_card_balance"
    field = "amount"
    sentence = _("There is not enough left on this gift card.")


class GiftCardLimit(Refusal):
    """More would be loaded at once, or be on the card, than is allowed; ``most`` says how much."""

    code = "gift_card_limit"
    field = "amount"
    sentence = _("This is more than may be loaded onto a gift card.")


class GiftCardPinNeeded(InvalidInput):
    """Cards are sold with a PIN here, and none was chosen, or it has too few or too many digits."""

    code = "gift_card_pin_needed"
    field = "pin"
    sentence = _("Choose a PIN of 4 to 8 digits.")


class GiftCardPaysForGiftCard(InvalidInput):
    """A receipt that sells a gift card cannot be paid with one."""

    code = "gift_card_pays_for_gift_card"
    field = "payments"
    sentence = _("A gift card cannot be bought with a gift card.")


class GiftCardLineInvalid(InvalidInput):
    """A gift card is sold as one, at what is loaded onto it."""

    code = "gift_card_line_invalid"
    field = "lines"
    sentence = _("Sell each gift card on a line of its own: one of it, without a discount.")


class GiftCardMisplaced(InvalidInput):
    """A gift card is named where none is sold or pays."""

    code = "gift_card_misplaced"
    field = "gift_card"
    sentence = _("Name a gift card only where one is sold or pays.")


class GiftCardRefundTooLarge(Refusal):
    """More would go back than was charged; ``most`` says what is left of that."""

    code = "gift_card_refund_too_large"
    field = "amount"
    sentence = _("This is more than was charged and has not come back yet.")


class GiftCardSpent(Refusal):
    """What was loaded is spent in part, so that it cannot be taken back; ``balance`` is left."""

    code = "gift_card_spent"
    sentence = _("This gift card was spent already, so that it cannot be taken back.")


class BatchDownloaded(Refusal):
    """The codes of a batch are given out once."""

    code = "gift_card_batch_downloaded"
    sentence = _("These codes were downloaded before. Make a new batch if they are lost.")


class BatchNotReady(Refusal):
    """The cards of a batch are being made still."""

    code = "gift_card_batch_not_ready"
    sentence = _("These cards are being made still. Come back in a moment.")
