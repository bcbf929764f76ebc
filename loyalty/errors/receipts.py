"""Every way a receipt, a return or an activity is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class OverReturn(Refusal):
    """More comes back than was sold and not yet returned; ``left`` says how much may."""

    code = "over_return"
    sentence = _("More cannot be returned than was bought.")


class AlreadyReturned(Refusal):
    """Nothing of this line or purchase is left to return."""

    code = "already_returned"
    sentence = _("This has already been returned in full.")


class ReturnedLineUnknown(InvalidInput):
    """A return names a line that the purchase does not have."""

    code = "returned_line_unknown"
    field = "lines"
    sentence = _("The purchase has no such line.")


class NothingReturned(InvalidInput):
    """A return without a positive quantity or amount is no return."""

    code = "nothing_returned"
    sentence = _("Say what comes back: a quantity or an amount above zero.")


class DuplicateReceipt(Refusal):
    """The same receipt was recorded before; ``purchase`` in the data is the original."""

    code = "duplicate_receipt"
    field = "external_id"
    sentence = _("This receipt was recorded before.")


class ReceiptConflict(Refusal):
    """A receipt of this number was recorded with other contents."""

    code = "receipt_conflict"
    field = "external_id"
    sentence = _("A receipt with this number and other contents was recorded before.")


class DuplicateActivity(Refusal):
    """The same activity was recorded before; ``activity`` in the data is the original."""

    code = "duplicate_activity"
    field = "external_id"
    sentence = _("This activity was recorded before.")


class ActivityConflict(Refusal):
    """An activity of this number was recorded with other contents."""

    code = "activity_conflict"
    field = "external_id"
    sentence = _("An activity with this number and other contents was recorded before.")


class CountedOnce(Refusal):
    """This kind of activity counts once, or once a year, and did."""

    code = "counted_once"
    field = "kind"
    sentence = _("This counts only once, and was counted before.")


class ActivityNameWrong(InvalidInput):
    """An activity of the shop's own has no name, or one of the known kinds has."""

    code = "activity_name"
    field = "name"
    sentence = _("Give a name to an activity of your own, and to no other.")


class UnknownTarget(Refusal):
    """A rule would give stamps or steps for a card or challenge that there is not."""

    code = "unknown_target"
    field = "effect"
    sentence = _("There is no stamp card or challenge with this code.")


class TotalMismatch(InvalidInput):
    """The lines do not add up to the total that was sent."""

    code = "total_mismatch"
    field = "total"
    sentence = _("The lines do not add up to the total.")


class FutureDate(InvalidInput):
    """The receipt is dated in the future."""

    code = "future_date"
    field = "occurred_at"
    sentence = _("The receipt is dated in the future.")


class TooOld(InvalidInput):
    """The receipt is older than the program accepts."""

    code = "too_old"
    field = "occurred_at"
    sentence = _("The receipt is too old to be recorded.")


class ActivityInFuture(FutureDate):
    """The activity is dated in the future."""

    sentence = _("This is dated in the future.")


class ActivityTooOld(TooOld):
    """The activity is older than the program accepts."""

    sentence = _("This is too old to be recorded.")


class SaleUnknown(Refusal):
    """A return names no sale that is known, and the program asks for one."""

    code = "sale_unknown"
    field = "purchase"
    sentence = _("The sale of this return is not known.")


class AlreadySettled(Refusal):
    """The purchase was settled before, at ``settled_at``."""

    code = "already_settled"
    sentence = _("This purchase was settled before.")


class NothingWaits(Refusal):
    """No points wait for the purchase: it earned none, they came back, or never had to wait."""

    code = "nothing_waits"
    sentence = _("No points wait for this purchase to be settled.")


class SettledTooLate(Refusal):
    """The time in which the purchase could be settled was over at ``deadline``."""

    code = "settled_too_late"
    sentence = _("It is too late to settle this purchase: its points were canceled.")


class AlreadyClaimed(Refusal):
    """The receipt was rung up for a member, or somebody claimed it before."""

    code = "already_claimed"
    field = "member"
    sentence = _("This receipt belongs to a member already.")


class ClaimWindowOver(Refusal):
    """The receipt is older than one may be that is claimed; ``days`` says how old."""

    code = "claim_window_over"
    sentence = _("This receipt is too old to be claimed.")
