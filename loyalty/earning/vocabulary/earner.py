"""Who the member is: their tier, their groups, their birthday, and what the shop noted of them."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import ascii_digits, caseless
from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import Fact
from loyalty.earning.vocabulary.conditions import PurchaseCondition
from loyalty.earning.vocabulary.parts import Label, Labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from loyalty.earning.basket import Basket
    from loyalty.earning.receipt import Earner
    from loyalty.earning.wording import Wording
    from members.attributes import Attribute


class EarnerCondition(PurchaseCondition):
    """A condition on the member and the day alone, whatever they did to earn."""

    def unmet(self, basket: Basket) -> Reason | None:
        """Ask about the member who earns."""
        return self.unmet_by(basket.earner)

    @abstractmethod
    def unmet_by(self, earner: Earner) -> Reason | None:
        """Return why the member does not meet the condition, or nothing when they do."""


class TierCondition(EarnerCondition):
    """How far up the ladder the member is."""

    type: Literal["tier"]
    tiers: Labels
    or_higher: bool = False

    label = gettext_lazy("For certain tiers")
    labels: ClassVar = {
        "tiers": gettext_lazy("Tiers"),
        "or_higher": gettext_lazy("Higher tiers count too"),
    }
    meaning = (
        "The member is in one of these tiers, given by code, or with `or_higher` in one of them "
        "or above: the tier held before the purchase, at the moment it is recorded."
    )
    unmet_code = "other_tier"
    asks = frozenset([Fact.TIER])

    def unmet_by(self, earner: Earner) -> Reason | None:
        """Compare the member's tier, or it and those below it."""
        held = earner.tiers if self.or_higher else (earner.tier,)
        if any(tier in held for tier in self.tiers):
            return None
        values = {"tiers": self.tiers, "or_higher": self.or_higher, "tier": earner.tier}
        return Reason(self.unmet_code, values)

    def words(self, say: Wording) -> str:
        """Write "for tier silver or gold"."""
        return _for_tiers(self.tiers, say, or_higher=self.or_higher)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only for tier gold; this member is in silver"."""
        told = {
            "tiers": _for_tiers(params["tiers"], say, or_higher=params["or_higher"]),
            "tier": params["tier"],
        }
        if not params["tier"]:
            return _("only %(tiers)s; this member is in no tier") % told
        return _("only %(tiers)s; this member is in %(tier)s") % told


def _for_tiers(tiers: Labels, say: Wording, *, or_higher: bool) -> str:
    if or_higher:
        return _("for tier %(tiers)s and above") % {"tiers": say.either(tiers)}
    return _("for tier %(tiers)s") % {"tiers": say.either(tiers)}


class GroupCondition(EarnerCondition):
    """Which sets of members the member belongs to."""

    type: Literal["group"]
    groups: Labels

    label = gettext_lazy("For certain groups")
    labels: ClassVar = {"groups": gettext_lazy("Groups")}
    meaning = "The member was in one of these groups, given by code, at the time of the purchase."
    unmet_code = "other_group"
    asks = frozenset([Fact.GROUPS])

    def unmet_by(self, earner: Earner) -> Reason | None:
        """Look for one of the groups among the member's."""
        if not earner.groups.isdisjoint(self.groups):
            return None
        return Reason(self.unmet_code, {"groups": self.groups})

    def words(self, say: Wording) -> str:
        """Write "for group staff or friends"."""
        return _("for group %(groups)s") % {"groups": say.either(self.groups)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only for group staff, in which the member was not"."""
        return _("only for group %(groups)s, in which the member was not") % {
            "groups": say.either(params["groups"])
        }


class Within(StrEnum):
    """How near to the birthday: in its month, in its week, or on the day itself."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


class BirthdayCondition(EarnerCondition):
    """Whether it is the member's birthday, or its week or month."""

    type: Literal["birthday"]
    within: Within = Within.MONTH

    label = gettext_lazy("Around the birthday")
    labels: ClassVar = {
        "within": gettext_lazy("When"),
        "within.month": gettext_lazy("in the month of the birthday"),
        "within.week": gettext_lazy("in the week of the birthday, from Monday"),
        "within.day": gettext_lazy("on the birthday"),
    }
    meaning = (
        "It is the `month`, the `week` (which begins on Monday) or the `day` of the member's "
        "birthday, by the organization's calendar. Who was born on 29 February has their birthday "
        "on the 28th in other years. A limit per member and year keeps it to once."
    )
    unmet_code = "not_the_birthday"
    asks = frozenset([Fact.PERSON])

    def unmet_by(self, earner: Earner) -> Reason | None:
        """Compare the organization's date with the birthday of this year, or of those around."""
        birthday, today = earner.birthday, earner.today
        if birthday is not None and today is not None:
            years = (today.year - 1, today.year, today.year + 1)
            if any(self._is_near(today, birthday.in_year(year)) for year in years):
                return None
        return Reason(self.unmet_code, {"within": self.within})

    def _is_near(self, today: date, birthday: date) -> bool:
        if self.within is Within.DAY:
            return today == birthday
        if self.within is Within.WEEK:
            return _monday(today) == _monday(birthday)
        return (today.year, today.month) == (birthday.year, birthday.month)

    def words(self, say: Wording) -> str:  # noqa: ARG002
        """Write "in the month of the birthday"."""
        return str(self.labels[f"within.{self.within}"])

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:  # noqa: ARG004
        """Write "only in the month of the birthday"."""
        when = BirthdayCondition.labels[f"within.{params['within']}"]
        return _("only %(when)s") % {"when": when}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class AttributeCondition(EarnerCondition):
    """What the organization noted about the member under a name of its own."""

    type: Literal["attribute"]
    name: Label
    values: Labels

    label = gettext_lazy("By what is noted of the member")
    labels: ClassVar = {
        "name": gettext_lazy("What is noted"),
        "values": gettext_lazy("Is one of"),
    }
    meaning = (
        "What is noted of the member under this name, as it is at the moment the purchase is "
        "recorded, is one of these values: texts whatever their capitals, numbers by their worth, "
        "dates as `2026-07-06`, `yes` or `no`."
    )
    unmet_code = "attribute_differs"
    asks = frozenset([Fact.PERSON])

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(map(caseless, self.values))

    @cached_property
    def _numbers(self) -> frozenset[Decimal]:
        return frozenset(number for text in self.values if (number := _number(text)) is not None)

    def unmet_by(self, earner: Earner) -> Reason | None:
        """Compare the value that is noted, if any is."""
        noted = earner.attributes.get(self.name)
        if noted is not None and self._is_listed(noted):
            return None
        return Reason(self.unmet_code, {"name": self.name, "values": self.values})

    def _is_listed(self, noted: Attribute) -> bool:
        if isinstance(noted, bool):
            return ("yes" if noted else "no") in self._texts
        if isinstance(noted, str):
            return caseless(noted) in self._texts
        return Decimal(str(noted)) in self._numbers

    def words(self, say: Wording) -> str:
        """Write "for members whose size is M or L"."""
        return _whose(self.name, self.values, say)

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only for members whose size is M or L"."""
        return _("only %(whom)s") % {"whom": _whose(params["name"], params["values"], say)}


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(ascii_digits(text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _whose(name: str, values: Labels, say: Wording) -> str:
    return _("for members whose %(name)s is %(values)s") % {
        "name": name,
        "values": say.either(values),
    }
