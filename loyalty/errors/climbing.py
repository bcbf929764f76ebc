"""Every way stamp cards, tiers and challenges say no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class StampCardInvalid(InvalidInput):
    """A stamp card's definition is wrong; ``errors`` lists field, code and message of each."""

    code = "stamp_card_invalid"
    sentence = _("This stamp card cannot be used as it is. Please correct the fields named.")


class StampCardChanged(Refusal):
    """Somebody else changed the stamp card while it was being edited."""

    code = "stamp_card_changed"
    sentence = _("Somebody changed this stamp card meanwhile. Open it again and repeat this.")


class StampCardRests(Refusal):
    """The stamp card is not switched on, so that it takes no stamps."""

    code = "stamp_card_rests"
    sentence = _("This stamp card takes no stamps now.")


class StampsInsufficient(Refusal):
    """There are not so many stamps on the open card."""

    code = "stamps_insufficient"
    sentence = _("There are not so many stamps on the card.")
    field = "stamps"


class StampsLimitExceeded(Refusal):
    """By hand nobody gives a member more than one card full of stamps in a day."""

    code = "stamps_limit_exceeded"
    sentence = _("No more stamps can be given to this member by hand today.")
    field = "stamps"


class LadderInvalid(InvalidInput):
    """A ladder's definition is wrong; ``errors`` lists field, code and message of each."""

    code = "ladder_invalid"
    sentence = _("These tiers cannot be used as they are. Please correct the fields named.")


class LadderChanged(Refusal):
    """Somebody else changed the tiers meanwhile; the page shows what they say now."""

    code = "ladder_changed"
    sentence = _("Somebody has changed the tiers meanwhile. Please look at them again.")


class TierStillHeld(Refusal):
    """A tier cannot go while members have it; ``members`` says how many."""

    code = "tier_still_held"
    sentence = _("Members still have a tier that you want to take away.")


class TierUnknown(InvalidInput):
    """The program has no such tier now."""

    code = "tier_unknown"
    field = "tier"
    sentence = _("There is no such tier.")


class TierAlreadyEnded(Refusal):
    """What was given has ended before."""

    code = "tier_already_ended"
    sentence = _("This has already ended.")


class ChallengeInvalid(InvalidInput):
    """What a challenge is to say is wrong; ``errors`` lists field, code and message of each."""

    code = "challenge_invalid"
    sentence = _("This challenge cannot be used as it is. Please correct the fields named.")


class ChallengeChanged(Refusal):
    """Somebody else changed the challenge while it was being edited."""

    code = "challenge_changed"
    sentence = _("Somebody changed this challenge meanwhile. Open it again and repeat your change.")


class ChallengeNotOpen(Refusal):
    """The challenge cannot be joined: it rests, has not begun, or needs no joining."""

    code = "challenge_not_open"
    sentence = _("This challenge cannot be joined now.")


class ChallengeOver(Refusal):
    """The challenge can be joined no more, because it has ended."""

    code = "challenge_over"
    sentence = _("This challenge is over.")


class ChallengeJoined(Refusal):
    """The member takes part already."""

    code = "challenge_joined"
    sentence = _("You take part in this challenge already.")
