"""When a rule is asked: at purchases, or when a member does something else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import model_validator

from loyalty.earning.vocabulary.parts import Code, Part, fault

if TYPE_CHECKING:
    from django.utils.functional import Promise


class ActivityKind(StrEnum):
    """What members do besides buying."""

    JOINED = "joined"
    BIRTHDAY = "birthday"
    JOIN_ANNIVERSARY = "join_anniversary"
    REVIEW = "review"
    CHECK_IN = "check_in"
    SURVEY = "survey"
    REFERRAL = "referral"
    SOCIAL_SHARE = "social_share"
    APP_INSTALL = "app_install"
    CUSTOM = "custom"


_FOR: dict[str, Promise] = {
    ActivityKind.JOINED: gettext_lazy("for joining"),
    ActivityKind.BIRTHDAY: gettext_lazy("for the birthday"),
    ActivityKind.JOIN_ANNIVERSARY: gettext_lazy("for each year since joining"),
    ActivityKind.REVIEW: gettext_lazy("for a review"),
    ActivityKind.CHECK_IN: gettext_lazy("for a visit without a purchase"),
    ActivityKind.SURVEY: gettext_lazy("for a survey"),
    ActivityKind.REFERRAL: gettext_lazy("for bringing a friend"),
    ActivityKind.SOCIAL_SHARE: gettext_lazy("for sharing in public"),
    ActivityKind.APP_INSTALL: gettext_lazy("for installing the app"),
}


def for_activity(kind: str, name: str) -> str:
    """Write "for a review", and an activity of the shop's own by its name."""
    if kind == ActivityKind.CUSTOM:
        return _("for %(activity)s") % {"activity": name}
    return str(_FOR[kind])


class PurchaseTrigger(Part):
    """The rule is asked when a purchase is recorded."""

    type: Literal["purchase"]


class ActivityTrigger(Part):
    """The rule is asked when a member does something else; the shop's own has a name."""

    type: Literal["activity"]
    kind: ActivityKind
    name: Code | None = None

    @model_validator(mode="after")
    def _own_has_a_name(self) -> Self:
        if (self.kind == ActivityKind.CUSTOM) != (self.name is not None):
            raise fault(
                "activity_name",
                gettext_lazy("Give a name to an activity of your own, and to no other."),
            )
        return self

    def words(self) -> str:
        """Write "for a review"."""
        return for_activity(self.kind, self.name or "")


Trigger = PurchaseTrigger | ActivityTrigger

# By their type, in the order in which forms offer them.
TRIGGERS: dict[str, type[Part]] = {"purchase": PurchaseTrigger, "activity": ActivityTrigger}
