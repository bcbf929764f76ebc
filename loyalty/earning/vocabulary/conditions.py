"""What every condition is: a schema, a test, its words and its line in the docs, in one class."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from loyalty.earning.vocabulary.parts import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

    from loyalty.earning.basket import Basket, EarningLine, Ground
    from loyalty.earning.reasons import Reason
    from loyalty.earning.receipt import Fact
    from loyalty.earning.wording import Wording


class Condition(Part):
    """Something that must hold: its fields, its test, its words and its line in the docs.

    ``label`` is what forms call it, ``labels`` what they call its fields, and under
    ``field.value`` its values. ``asks`` names the facts that must be read before it can be tested.
    """

    label: ClassVar[str | Promise]
    labels: ClassVar[Mapping[str, str | Promise]]
    meaning: ClassVar[str]
    unmet_code: ClassVar[str]
    asks: ClassVar[frozenset[Fact]] = frozenset()

    @property
    def looks_back_days(self) -> int:
        """Return how many days of earlier purchases the condition wants to know of."""
        return 0

    @abstractmethod
    def words(self, say: Wording) -> str:
        """Return the part of the rule's sentence that this condition makes."""

    @staticmethod
    @abstractmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Say why the condition did not hold, from the values its reason stored."""


class PurchaseCondition(Condition):
    """A condition that a purchase meets or not, whatever lines the rule selects."""

    @abstractmethod
    def unmet(self, basket: Basket) -> Reason | None:
        """Return why the purchase does not meet the condition, or nothing when it does."""


class GroundCondition(Condition):
    """A condition on the lines that the rule's line conditions have selected."""

    @abstractmethod
    def unmet(self, ground: Ground) -> Reason | None:
        """Return why these lines do not meet the condition, or nothing when they do."""


class LineCondition(Condition):
    """A condition that picks the lines a rule works on."""

    @property
    @abstractmethod
    def asks_whole_basket(self) -> bool:
        """Say whether the purchase as a whole must do before lines are picked."""

    @abstractmethod
    def pick(self, lines: list[EarningLine]) -> list[EarningLine]:
        """Keep the lines that the rule may work on."""

    @abstractmethod
    def unmet(self, basket: Basket) -> Reason | None:
        """Return why the purchase as a whole does not do, or nothing when it does."""

    @cached_property
    @abstractmethod
    def none_picked(self) -> Reason:
        """Return that no line was picked."""
