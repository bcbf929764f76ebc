"""Every way benefits, vouchers on a receipt and quotes that hold something say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class BenefitInvalid(InvalidInput):
    """A benefit's definition is wrong; ``errors`` lists field, code and message of each fault."""

    code = "benefit_invalid"
    sentence = _("This benefit cannot be used as it is. Please correct the fields named.")


class BenefitChanged(Refusal):
    """Somebody else changed the benefit while it was being edited."""

    code = "benefit_changed"
    sentence = _("Somebody changed this benefit meanwhile. Open it again and repeat this.")


class SentTwice(InvalidInput):
    """A voucher or a reward is named twice for one receipt."""

    code = "sent_twice"
    field = "vouchers"
    sentence = _("Name each voucher and each reward once.")


class VoucherTakesNothingOff(Refusal):
    """What the voucher is for is handed over, and takes nothing off a receipt."""

    code = "voucher_takes_nothing_off"
    field = "vouchers"
    sentence = _("This voucher takes nothing off a purchase. Hand over what it is for.")


class RewardTakesNothingOff(Refusal):
    """The reward is handed over, and takes nothing off a receipt."""

    code = "reward_takes_nothing_off"
    field = "rewards"
    sentence = _("This reward takes nothing off a purchase. Hand it over instead.")


class VoucherHeld(Refusal):
    """The voucher is set aside for another purchase; ``until`` says for how long at most."""

    code = "voucher_held"
    field = "vouchers"
    sentence = _("This voucher is set aside for another purchase. Try again in a few minutes.")


class QuoteUnknown(InvalidInput):
    """There is no such quote, or it held nothing and so was never kept."""

    code = "quote_unknown"
    field = "quote"
    sentence = _("There is no such quote.")


class QuoteUsed(Refusal):
    """The quote was used for another purchase."""

    code = "quote_used"
    field = "quote"
    sentence = _("This quote was used for another purchase.")
