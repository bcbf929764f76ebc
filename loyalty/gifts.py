"""What a full card, a reached tier or a won challenge gives: points, a voucher or a badge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from loyalty.earning.units import Unit
from loyalty.earning.vocabulary.parts import Code, Label, Part, Points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loyalty.earning.wording import Wording

BADGE_LENGTH_MAX = 64


class PointsGift(Part):
    """So many points."""

    type: Literal["points"]
    points: Points

    meaning: ClassVar[str] = "Points, available at once."

    def words(self, say: Wording) -> str:
        """Write "100 points"."""
        return say.points(self.points)


class VoucherGift(Part):
    """A voucher for a reward of the catalog, given by its code, that costs the member nothing."""

    type: Literal["voucher"]
    reward: Code

    meaning: ClassVar[str] = "A voucher for a reward of the catalog, given by its code."

    def words(self, say: Wording) -> str:
        """Write "a voucher for Coffee"."""
        return _("a voucher for %(reward)s") % {"reward": say.named(Unit.VOUCHERS, self.reward)}


class BadgeGift(Part):
    """A badge that members keep, shown by its name."""

    type: Literal["badge"]
    badge: Annotated[Label, Field(max_length=BADGE_LENGTH_MAX)]

    meaning: ClassVar[str] = "A badge with this name."

    def words(self, _say: Wording) -> str:
        """Write "the badge Early bird"; a badge is called as it is everywhere."""
        return _("the badge %(badge)s") % {"badge": self.badge}


AnyGift = Annotated[PointsGift | VoucherGift | BadgeGift, Field(discriminator="type")]


def gift_words(gifts: Iterable[AnyGift], say: Wording) -> str:
    """Write "100 points and a voucher for Coffee"; nothing where nothing is given."""
    return say.every(gift.words(say) for gift in gifts)
