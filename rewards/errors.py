"""Every way the catalog and the checkout say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, InvalidInput, Refusal, TooMany
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


class NoSuchDraw(Refusal):
    """A rule or reward would give tickets for a prize draw that there is not."""

    code = "no_such_draw"
    field = "draw"
    sentence = _("There is no prize draw with this code.")


class ProofNeeded(Refusal):
    """So many points are spent at a till only by who proves to be there; from when on is told."""

    code = "proof_needed"
    field = "member"
    definitive = False
    sentence = _("First the member shows that they are there: on their phone, or by a code.")


class ProofNotAccepted(Forbidden):
    """The code or picture is wrong, too old, was used, or was tried too often."""

    code = "proof_not_accepted"
    field = "proof"
    sentence = _("This proves nothing. Ask for a new picture or a new code.")


class ProofCodeTooSoon(TooMany):
    """A code was sent a moment ago, or too many lately; ``retry_after`` is in the data."""

    code = "proof_code_too_soon"
    field = "proof"
    sentence = _("A code was sent a moment ago. Please wait a little before the next one.")


class ProofNotSendable(Refusal):
    """The member has neither phone nor e-mail."""

    code = "proof_not_sendable"
    field = "proof"
    sentence = _("This member has neither phone nor e-mail, so no code can be sent.")


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


class VoucherNotYet(Refusal):
    """The voucher's first day is still to come."""

    code = "voucher_not_yet"
    field = "code"
    sentence = _("This voucher is not valid yet.")


class VoucherHadAlready(Refusal):
    """The member has what the voucher is for: it was given with it."""

    code = "voucher_had_already"
    field = "code"
    sentence = _("The member has this already: it came with the voucher. Hand nothing over.")


class VoucherLimitReached(Refusal):
    """The member used the shared code as often as one member may."""

    code = "voucher_limit_reached"
    field = "code"
    sentence = _("This member has used this code as often as it can be used.")


class VoucherNotUsed(Refusal):
    """There is no use of the voucher to let go of."""

    code = "voucher_not_used"
    field = "code"
    sentence = _("This voucher is not used.")


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


class VoucherPaused(Refusal):
    """The shared code rests until somebody of the staff lets it count again."""

    code = "voucher_paused"
    field = "code"
    sentence = _("This code is paused.")


class VoucherNotTheirs(Refusal):
    """The voucher belongs to somebody else, who is not named."""

    code = "voucher_not_theirs"
    field = "member"
    sentence = _("This voucher is not this member's.")
