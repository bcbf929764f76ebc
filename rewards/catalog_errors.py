"""Every way in which a reward is kept from whom it is not for, or cannot be offered as it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class NotEligible(Refusal):
    """The reward is shown to everybody, and only some may have it; ``tiers`` says which."""

    code = "not_eligible"
    field = "reward"
    sentence = _("This reward is for other members.")


class LimitReached(Refusal):
    """The member has taken as many as one may; ``limit`` and ``period`` are in the data."""

    code = "limit_reached"
    field = "reward"
    sentence = _("This member has taken as many of this reward as one may.")


class NotYetOffered(Refusal):
    """The reward's first day is still to come; it is ``starts_on`` in the data."""

    code = "not_yet_offered"
    field = "reward"
    sentence = _("This reward is not offered yet.")


class NoLongerOffered(Refusal):
    """The reward's last day is over; it is ``ends_on`` in the data."""

    code = "no_longer_offered"
    field = "reward"
    sentence = _("This reward is no longer offered.")


class NotInThisStore(Refusal):
    """The reward is for other stores."""

    code = "not_in_this_store"
    field = "store"
    sentence = _("This reward is not given in this store.")


class ChoiceRequired(Refusal):
    """The reward is one of several, and nobody said which; ``choices`` are in the data."""

    code = "choice_required"
    field = "choice"
    sentence = _("Say which one is wanted.")


class ChoiceUnknown(Refusal):
    """What was chosen is not among what there is to choose from."""

    code = "choice_unknown"
    field = "choice"
    sentence = _("This cannot be chosen here.")


class OptionUnknown(InvalidInput):
    """A choice names a reward that the program does not have, or another choice."""

    code = "option_unknown"
    field = "options"
    sentence = _("Name other rewards of this program that are no choices themselves.")


class CategoryUnknown(InvalidInput):
    """The program has no category of this code."""

    code = "category_unknown"
    field = "category"
    sentence = _("There is no such category.")


class AudienceUnknown(InvalidInput):
    """A reward is for a group that there is not."""

    code = "audience_unknown"
    field = "groups"
    sentence = _("There is no such group.")


class ShopUnknown(InvalidInput):
    """A reward is for a store that there is not."""

    code = "reward_store_unknown"
    field = "stores"
    sentence = _("There is no such store.")
