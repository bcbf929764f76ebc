"""Every way loyalty says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, InvalidInput, Refusal


class RuleInvalid(InvalidInput):
    """A rule's definition is wrong; ``errors`` lists field, code and message of each fault."""

    code = "rule_invalid"
    sentence = _("This rule cannot be used as it is. Please correct the fields named.")


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


class InsufficientPoints(Refusal):
    """The account cannot pay; ``balance`` and ``needed`` are in the data."""

    code = "insufficient_points"
    field = "points"
    sentence = _("There are not enough points for this.")


class PointsHeld(Refusal):
    """The points would be enough, were some not set aside for something else."""

    code = "points_held"
    field = "points"
    sentence = _("Some of the points are set aside for another reward.")


class PointsNotAccepted(Refusal):
    """The program takes no points as payment."""

    code = "points_not_accepted"
    field = "points_to_spend"
    sentence = _("Points cannot pay for purchases here.")


class PointsNotPayable(Refusal):
    """So many points cannot pay for this purchase; ``most`` in the data says how many can.

    ``amount`` is what these pay, ``minimum`` and ``step`` what the program asks for.
    """

    code = "points_not_payable"
    field = "points_to_spend"
    sentence = _("So many points cannot be used for this purchase.")
    nothing_due = _("Nothing is left of this purchase that points could pay.")
    too_small = _("This purchase is too small to be paid with points.")
    too_few = _("Use at least %(points)s.")
    between_steps = _("Points are used in steps of %(points)s.")
    too_many = _("At most %(points)s can be used for this purchase.")


class HoldAlreadyCaptured(Refusal):
    """The points set aside were spent before."""

    code = "hold_already_captured"
    sentence = _("These points were already spent.")


class HoldCanceled(Refusal):
    """The points set aside were given back before."""

    code = "hold_already_voided"
    sentence = _("This was canceled; the points went back.")


class HoldExpired(Refusal):
    """The time for which points were set aside is over."""

    code = "hold_expired"
    sentence = _("The points were set aside for a while, and that time is over.")


class AlreadyReversed(Refusal):
    """This redemption was undone before."""

    code = "already_reversed"
    sentence = _("This was already undone.")


class AccountUnderReview(Refusal):
    """The account's figures do not agree, so nothing is spent from it until they do."""

    code = "account_under_review"
    sentence = _("This account is under review; points cannot be spent just now.")


class PointsSetAside(Refusal):
    """An account with points set aside for a reward cannot be merged, nor a merge be undone."""

    code = "points_set_aside"
    sentence = _("Points are set aside for a reward. Hand it over or cancel it first.")


class HouseholdLimitReached(Refusal):
    """A member may spend only so many of the household's points a month; ``left`` says how many."""

    code = "household_limit_reached"
    field = "points"
    sentence = _("This is more than they may spend of their household's points this month.")


class NothingToForfeit(Refusal):
    """The member has no points that could be given up."""

    code = "nothing_to_forfeit"
    sentence = _("They have no points that could be given up.")


class AccountNotUnderReview(Refusal):
    """Only an account that is under review can be released."""

    code = "account_not_under_review"
    sentence = _("This account is not under review.")


class AccountInconsistent(Refusal):
    """The account's entries, lots and figures contradict one another; ``rows`` names where."""

    code = "account_inconsistent"
    sentence = _("The figures of this account do not agree, and nobody can say which is right.")


class PointsLimitExceeded(InvalidInput):
    """The balance would become larger than the ledger keeps exactly."""

    code = "limit_exceeded"
    sentence = _("This is more than an account can hold.")


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


class NothingAdjusted(InvalidInput):
    """An adjustment by no points is none."""

    code = "nothing_adjusted"
    field = "points"
    sentence = _("Give or take at least one point.")


class AdjustmentTooLarge(Refusal):
    """One person alone may not adjust by so many points."""

    code = "adjustment_too_large"
    field = "points"
    sentence = _("This is more than one person may adjust alone.")


class AlreadyDecided(Refusal):
    """Somebody approved, declined or withdrew this before; ``status`` says which."""

    code = "already_decided"
    sentence = _("This was decided before. Reload the page to see how.")


class OwnRequest(Refusal):
    """Nobody decides on what they asked for themselves."""

    code = "own_request"
    sentence = _("You asked for this, so somebody else has to decide.")


class DecisionOutOfReach(Forbidden):
    """Only owners and managers who work here decide on what others ask for."""

    code = "decision_out_of_reach"
    sentence = _("Only an owner or a manager may decide this.")


class NotAskedByYou(Forbidden):
    """Only whoever asked for something can withdraw it."""

    code = "not_asked_by_you"
    sentence = _("Somebody else asked for this.")


class TransferToSelf(InvalidInput):
    """Points are to be handed to the account they are in."""

    code = "transfer_to_self"
    field = "to"
    sentence = _("Choose somebody else: these points are in that account already.")


class NoProgram(Refusal):
    """The organization has no live program, or the member has no account in it."""

    code = "no_program"
    field = "program"
    sentence = _("There is no live program for this.")


class ProgramUnknown(InvalidInput):
    """The organization has no such program."""

    code = "program_unknown"
    field = "program"
    sentence = _("There is no such program.")


class ProgramInvalid(InvalidInput):
    """A program file is wrong; ``errors`` lists field and message of each fault."""

    code = "program_invalid"
    sentence = _("This program file cannot be used as it is.")


class RuleChanged(Refusal):
    """Somebody else changed the rule while it was being edited."""

    code = "rule_changed"
    sentence = _("Somebody changed this rule meanwhile. Open it again and repeat your change.")


class StateChangeRefused(Refusal):
    """A program or rule cannot go from the state it is in to the one that is wanted."""

    code = "state_change_refused"
    sentence = _("This cannot be done in its present state. Reload the page to see which it is.")


class UploadTooLarge(InvalidInput):
    """A file of receipts is larger than one that is sent by a browser may be."""

    code = "upload_too_large"
    field = "file"
    sentence = _("This file is too large to be sent here.")


class MappingInvalid(InvalidInput):
    """A mapping of columns is wrong; ``errors`` lists field, code and message of each fault."""

    code = "mapping_invalid"
    field = "mapping"
    sentence = _("This mapping cannot be used as it is.")


class FileUnreadable(InvalidInput):
    """A file of receipts cannot be read to its end."""

    code = "file_unreadable"
    field = "file"
    sentence = _("This file cannot be read.")


class ColumnMissing(InvalidInput):
    """A file lacks columns that its mapping names; ``missing`` and ``found`` are in the data."""

    code = "column_missing"
    field = "file"
    sentence = _("The file lacks columns that the mapping names.")


class ImportRunning(Refusal):
    """Another process is importing this file into the organization."""

    code = "import_running"
    field = "file"
    sentence = _("This file is being imported by another process.")


class ImportInterrupted(Refusal):
    """An import of this file did not come to its end; ``position`` receipts are done."""

    code = "import_interrupted"
    field = "file"
    sentence = _("An earlier import of this file was interrupted. Resume it.")


class MappingChanged(Refusal):
    """The interrupted import of this file began with other settings."""

    code = "mapping_changed"
    field = "mapping"
    sentence = _("The interrupted import began with another mapping, store or products file.")
