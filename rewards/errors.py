"""Every way the catalog and the checkout say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal, TooMany
from loyalty.errors import ReceiptConflict


class SoldOut(Refusal):
    """Nothing of this reward is left."""

    code = "sold_out"
    field = "reward"
    sentence = _("This reward is sold out.")


class RewardNotOffered(Refusal):
    """The reward is not switched on."""

    code = "reward_not_offered"
    field = "reward"
    sentence = _("This reward is not offered just now.")


class RewardHasEnded(Refusal):
    """The reward cannot come into this state; what has ended stays ended."""

    code = "reward_has_ended"
    field = "status"
    sentence = _("This reward cannot be switched that way. What has ended stays ended.")


class CurrencyMismatch(InvalidInput):
    """The receipt is in another currency than the organization's."""

    code = "currency_mismatch"
    field = "currency"
    sentence = _("This organization uses another currency.")


class TotalRequired(InvalidInput):
    """A receipt needs lines or a total."""

    code = "required"
    field = "total"
    sentence = _("Send lines, or a total.")


class PriceMissing(InvalidInput):
    """A line says neither what was paid for it nor its price."""

    code = "required"
    sentence = _("Send the amount of the line, or its unit price.")


class DiscountTooLarge(InvalidInput):
    """More was taken off a line than it costs."""

    code = "discount_too_large"
    sentence = _("The discount is larger than the line.")


class AmountNotPositive(InvalidInput):
    """A receipt must come to something, and to no more than a shop can sell."""

    code = "amount_out_of_range"
    sentence = _("The total must be more than zero, and within reason.")


class PaymentsExceedTotal(InvalidInput):
    """More was paid than the receipt comes to."""

    code = "payments_exceed_total"
    field = "payments"
    sentence = _("More was paid than the total.")


class MemberNeeded(InvalidInput):
    """Points are to be spent, and nobody is named whose they are."""

    code = "member_needed"
    field = "member"
    sentence = _("Say whose points are to be spent.")


class PointsSentTwice(InvalidInput):
    """Points are to be spent and are also named among the payments."""

    code = "points_sent_twice"
    field = "payments"
    sentence = _("Leave the points out of the payments: they are added there.")


class RegisterUnknown(InvalidInput):
    """The store has no such register."""

    code = "register_unknown"
    field = "register"
    sentence = _("There is no such register in this store.")


class StaffUnknown(InvalidInput):
    """The organization has no such staff member."""

    code = "staff_unknown"
    field = "staff"
    sentence = _("There is no such staff member.")


class RewardUnknown(InvalidInput):
    """The program has no such reward."""

    code = "reward_unknown"
    field = "reward"
    sentence = _("There is no such reward.")


class QuoteChanged(Refusal):
    """The receipt comes to another amount than expected; the new quote is in the data."""

    code = "quote_changed"
    field = "expected_total_due"
    sentence = _("The amount to pay has changed.")


class AmountUnreadable(InvalidInput):
    """What was typed is no amount in any notation."""

    code = "amount_unreadable"
    sentence = _("Write a number such as 12.50.")


class AmountTooFine(InvalidInput):
    """An amount has more decimals than its currency; ``decimals`` says how many there may be."""

    code = "amount_too_fine"
    sentence = _("This has too many decimals.")


class ReceiptNumberUsed(ReceiptConflict):
    """A till used the number for another purchase today; ``purchase`` in the data is that one."""

    field = "receipt"
    sentence = _("This receipt number was used today for another purchase.")


class UndoNotPossible(Refusal):
    """A purchase is undone by whoever rang it up, soon, and before anything of it came back."""

    code = "undo_not_possible"
    sentence = _("This purchase can no longer be undone here. Ask a manager.")


class TooManyLookUps(TooMany):
    """Members were looked up too often without a purchase; ``retry_after`` is in the data."""

    code = "too_many_look_ups"
    field = "q"
    sentence = _("Too many look-ups without a purchase. Wait a while, or ask a manager.")


class StockBelowTaken(InvalidInput):
    """There cannot be fewer of a reward in all than members have taken."""

    code = "stock_below_taken"
    field = "stock"
    sentence = _("More of this reward than that were taken already.")


class VoucherUsed(Refusal):
    """The voucher was used before."""

    code = "voucher_used"
    field = "code"
    sentence = _("This voucher was used before.")


class VoucherCanceled(Refusal):
    """The voucher was canceled, and its points went back."""

    code = "voucher_canceled"
    field = "code"
    sentence = _("This voucher was canceled; its points went back to the member.")


class VoucherExpired(Refusal):
    """The voucher's last day is over."""

    code = "voucher_expired"
    field = "code"
    sentence = _("This voucher is no longer valid; its points do not come back.")


class VoucherUnknown(InvalidInput):
    """The organization issued no voucher with this code."""

    code = "voucher_unknown"
    field = "code"
    sentence = _("No voucher has this code.")


class VoucherMistyped(InvalidInput):
    """The check character shows that the code was not typed as it was issued."""

    code = "voucher_mistyped"
    field = "code"
    sentence = _("One character of this voucher code is wrong. Look at it again.")


class PriceChanged(Refusal):
    """The reward costs another number of points by now; ``points`` is in the data."""

    code = "price_changed"
    field = "points"
    sentence = _("The price of this reward has just changed. Look at it again.")
