"""Every way the ledger says no: points, holds, accounts and corrections."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, InvalidInput, Refusal


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
