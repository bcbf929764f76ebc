"""By what means a purchase was paid."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, Field

from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import PurchaseCondition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from loyalty.earning.basket import Basket
    from loyalty.earning.wording import Wording


class Method(StrEnum):
    """The means of payment that receipts tell apart."""

    CASH = "cash"
    CARD = "card"
    GIFT_CARD = "gift_card"
    POINTS = "points"
    OTHER = "other"


_METHODS = tuple(Method)


def _in_order(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    return tuple(sorted(set(methods), key=_METHODS.index))


class PaymentMethodCondition(PurchaseCondition):
    """How at least a part of the purchase was paid."""

    type: Literal["payment_method"]
    methods: Annotated[
        tuple[Method, ...], Field(min_length=1, max_length=10), AfterValidator(_in_order)
    ]

    label = gettext_lazy("Paid in a certain way")
    labels: ClassVar = {
        "methods": gettext_lazy("Paid with"),
        "methods.cash": gettext_lazy("cash"),
        "methods.card": gettext_lazy("a card"),
        "methods.gift_card": gettext_lazy("a gift card"),
        "methods.points": gettext_lazy("points"),
        "methods.other": gettext_lazy("something else"),
    }
    meaning = (
        "At least a part was paid with one of these: `cash`, `card`, `gift_card`, `points` or "
        "`other`. A receipt that does not say how it was paid does not meet it."
    )
    unmet_code = "other_payment"

    def unmet(self, basket: Basket) -> Reason | None:
        """Compare the receipt's means of payment."""
        paid = basket.receipt.payment_methods
        if not paid.isdisjoint(self.methods):
            return None
        return Reason(self.unmet_code, {"methods": self.methods, "paid": sorted(paid)})

    def words(self, say: Wording) -> str:
        """Write "when paid with cash or a card"."""
        return _("when paid with %(methods)s") % {"methods": say.either(_names(self.methods))}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only when paid with cash; this was paid with a card"."""
        methods = say.either(_names(params["methods"]))
        if not params["paid"]:
            return _("only when paid with %(methods)s") % {"methods": methods}
        return _("only when paid with %(methods)s; this was paid with %(paid)s") % {
            "methods": methods,
            "paid": say.every(_names(params["paid"])),
        }


def _names(methods: Iterable[str]) -> list[str]:
    return [str(PaymentMethodCondition.labels[f"methods.{method}"]) for method in methods]
