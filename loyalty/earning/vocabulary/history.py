"""What the member did before: how many purchases they made, and on how many days lately."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, model_validator

from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import Fact
from loyalty.earning.vocabulary.conditions import PurchaseCondition
from loyalty.earning.vocabulary.parts import fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loyalty.earning.basket import Basket
    from loyalty.earning.wording import Wording


class NthPurchaseCondition(PurchaseCondition):
    """Which one of the member's purchases it is: the first, the tenth, or every tenth."""

    type: Literal["nth_purchase"]
    number: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    every: bool = False

    label = gettext_lazy("On the first or a later purchase")
    labels: ClassVar = {
        "number": gettext_lazy("Which purchase"),
        "every": gettext_lazy("And on every so many again"),
    }
    meaning = (
        "It is the member's purchase of this number, or with `every` one of every so many: among "
        "all their purchases in the organization in the order in which they were recorded. What "
        "came back whole does not count."
    )
    unmet_code = "other_purchase"
    asks = frozenset([Fact.PURCHASES])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.every and self.number == 1:
            raise fault("every_purchase", gettext_lazy("Every purchase is the first again."))
        return self

    def unmet(self, basket: Basket) -> Reason | None:
        """Count this purchase after those on record."""
        before = basket.earner.purchases_before
        number = None if before is None else before + 1
        if number is not None and self._is_it(number):
            return None
        return Reason(self.unmet_code, {"number": self.number, "every": self.every, "this": number})

    def _is_it(self, number: int) -> bool:
        return number % self.number == 0 if self.every else number == self.number

    def words(self, say: Wording) -> str:
        """Write "on the first purchase"."""
        return _on_purchase(self.number, say, every=self.every)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only on the first purchase; this is purchase 7"."""
        when = _on_purchase(params["number"], say, every=params["every"])
        if params["this"] is None:
            return _("only %(when)s of a member") % {"when": when}
        return _("only %(when)s; this is purchase %(this)s") % {
            "when": when,
            "this": say.number(params["this"]),
        }


def _on_purchase(number: int, say: Wording, *, every: bool) -> str:
    if every:
        return _("on one of every %(number)s purchases") % {"number": say.number(number)}
    if number == 1:
        return _("on the first purchase")
    return _("on purchase number %(number)s") % {"number": say.number(number)}


class VisitsCondition(PurchaseCondition):
    """On how many days the member came lately."""

    type: Literal["visits"]
    at_least: Annotated[int, Field(strict=True, ge=2, le=366)]
    days: Annotated[int, Field(strict=True, ge=1, le=366)]

    label = gettext_lazy("After several visits")
    labels: ClassVar = {
        "at_least": gettext_lazy("Days with a purchase, this one included"),
        "days": gettext_lazy("Within so many days"),
    }
    meaning = (
        "The member bought something on at least this many of the last so many days, the day of "
        "this purchase included among both, by the organization's calendar. Several purchases on "
        "one day are one visit, and what came back whole does not count."
    )
    unmet_code = "too_few_visits"
    asks = frozenset([Fact.DAYS])

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.at_least > self.days:
            sentence = gettext_lazy("There are not that many visits in so few days.")
            raise fault("too_many_visits", sentence)
        return self

    @property
    def looks_back_days(self) -> int:
        """Return how many days of earlier purchases count beside the one of this purchase."""
        return self.days - 1

    def unmet(self, basket: Basket) -> Reason | None:
        """Count the days of the window on which something was bought, today among them."""
        before, today = basket.earner.days_before, basket.earner.today
        if before is None or today is None:
            visits = 0
        else:
            first = today - timedelta(days=self.looks_back_days)
            visits = 1 + sum(first <= day < today for day in before)
        if visits >= self.at_least:
            return None
        values = {"at_least": self.at_least, "days": self.days, "visits": visits}
        return Reason(self.unmet_code, values)

    def words(self, say: Wording) -> str:
        """Write "with 3 visits within 30 days"."""
        return _visits(self.at_least, self.days, say)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only with 3 visits within 30 days; these are 2"."""
        wanted = _visits(params["at_least"], params["days"], say)
        sentence = ngettext(
            "only %(wanted)s; this is %(visits)s",
            "only %(wanted)s; these are %(visits)s",
            params["visits"],
        )
        return sentence % {"wanted": wanted, "visits": say.number(params["visits"])}


def _visits(at_least: int, days: int, say: Wording) -> str:
    return _("with %(visits)s visits within %(days)s days") % {
        "visits": say.number(at_least),
        "days": say.number(days),
    }
