"""Where a purchase was made: the store, its region and the channel."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import Fact
from loyalty.earning.vocabulary.conditions import PurchaseCondition
from loyalty.earning.vocabulary.parts import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.basket import Basket
    from loyalty.earning.wording import Wording


class StoreCondition(PurchaseCondition):
    """Where the purchase was made."""

    type: Literal["store"]
    stores: Labels

    label = gettext_lazy("In certain stores")
    labels: ClassVar = {"stores": gettext_lazy("Stores")}
    meaning = "The purchase was made in one of these stores, given by code."
    unmet_code = "other_store"

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(self.stores)

    def unmet(self, basket: Basket) -> Reason | None:
        """Compare the receipt's store code."""
        store = basket.receipt.store
        if store in self._codes:
            return None
        return Reason(self.unmet_code, {"stores": self.stores, "store": store})

    def words(self, say: Wording) -> str:
        """Write "in store main or harbor"."""
        return _("in store %(stores)s") % {"stores": say.either(self.stores)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only in store main; this was in harbor"."""
        return _("only in store %(stores)s; this was in %(store)s") % {
            "stores": say.either(params["stores"]),
            "store": params["store"],
        }


class RegionCondition(PurchaseCondition):
    """In which part of the country, or other set of stores, the purchase was made."""

    type: Literal["region"]
    regions: Labels

    label = gettext_lazy("In certain regions")
    labels: ClassVar = {"regions": gettext_lazy("Regions")}
    meaning = "The purchase was made in a store of one of these regions, given by code."
    unmet_code = "other_region"
    asks = frozenset([Fact.REGIONS])

    def unmet(self, basket: Basket) -> Reason | None:
        """Look for one of the regions that the receipt's store lies in now."""
        if not basket.receipt.regions.isdisjoint(self.regions):
            return None
        store = basket.receipt.store
        return Reason(self.unmet_code, {"regions": self.regions, "store": store})

    def words(self, say: Wording) -> str:
        """Write "in region north or coast"."""
        return _("in region %(regions)s") % {"regions": say.either(self.regions)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only in region north, where store harbor is not"."""
        return _("only in region %(regions)s, where store %(store)s is not") % {
            "regions": say.either(params["regions"]),
            "store": params["store"],
        }


class ChannelCondition(PurchaseCondition):
    """Through which channel the purchase came."""

    type: Literal["channel"]
    channels: Labels

    label = gettext_lazy("Through certain channels")
    labels: ClassVar = {"channels": gettext_lazy("Channels")}
    meaning = "The purchase came through one of these channels, such as till or online."
    unmet_code = "other_channel"

    def unmet(self, basket: Basket) -> Reason | None:
        """Compare the receipt's channel."""
        channel = basket.receipt.channel
        if channel in self.channels:
            return None
        return Reason(self.unmet_code, {"channels": self.channels, "channel": channel})

    def words(self, say: Wording) -> str:
        """Write "through online or app"."""
        return _("through %(channels)s") % {"channels": say.either(self.channels)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only through online; this came through till"."""
        return _("only through %(channels)s; this came through %(channel)s") % {
            "channels": say.either(params["channels"]),
            "channel": params["channel"],
        }
