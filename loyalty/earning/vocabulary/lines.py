"""Which lines a rule works on: by category, by brand and by article number."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _

from loyalty.earning.basket import Key, category_keys, folded
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.vocabulary.parts import CategoryNames, Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from loyalty.earning.basket import Basket
    from loyalty.earning.receipt import Line
    from loyalty.earning.wording import Wording

NO_KEYS: frozenset[Key] = frozenset()


class Match(StrEnum):
    """How lines meet a list: any of it, all of it in one purchase, or none of it."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


class ListCondition(LineCondition):
    """A condition that compares lines with a list of names."""

    match: Match = Match.ANY

    @abstractmethod
    def listed(self) -> Iterable[str | tuple[str, ...]]:
        """Return the names as the rule's author wrote them."""

    @staticmethod
    @abstractmethod
    def key(name: str | tuple[str, ...]) -> Key:
        """Return a listed name in the form lines are compared in."""

    @staticmethod
    @abstractmethod
    def found_on(line: Line) -> frozenset[Key]:
        """Return every key by which a line can be listed."""

    @cached_property
    def keys(self) -> frozenset[Key]:
        """Return the listed names, ready to compare."""
        return frozenset(map(self.key, self.listed()))

    @property
    def asks_whole_basket(self) -> bool:
        """Only "all" needs the other lines: each listed name must have been bought."""
        return self.match == Match.ALL

    def selects(self, line: Line) -> bool:
        """Compare a line's keys with the list; being listed twice changes nothing."""
        return self.keys.isdisjoint(self.found_on(line)) == (self.match == Match.NONE)

    def unmet(self, basket: Basket) -> Reason | None:
        """Look for the listed names among the lines that earn."""
        lines = [line.line for line in basket.whole.lines]
        if self.match == Match.ALL:
            met = self.keys <= NO_KEYS.union(*map(self.found_on, lines))
        else:
            met = any(map(self.selects, lines))
        if met:
            return None
        return Reason(self.unmet_code, {"match": self.match, "names": tuple(self.listed())})

    def words(self, say: Wording) -> str:
        """Write "on Coffee or Tea"."""
        names = list(map(_shown, self.listed()))
        if self.match == Match.NONE:
            return _("on everything but %(names)s") % {"names": say.every(names)}
        if self.match == Match.ALL and len(names) > 1:
            return _("on %(names)s bought together") % {"names": say.every(names)}
        return _("on %(names)s") % {"names": say.either(names)}

    @staticmethod
    def why_not(params: Mapping[str, Any], say: Wording) -> str:
        """Write "only on Coffee or Tea, and there was none"."""
        names = list(map(_shown, params["names"]))
        if params["match"] == Match.NONE:
            return _("nothing but %(names)s was bought") % {"names": say.every(names)}
        if params["match"] == Match.ALL:
            return _("only when all of %(names)s are bought") % {"names": say.every(names)}
        return _("only on %(names)s, and none was bought") % {"names": say.either(names)}


def _shown(name: str | Sequence[str]) -> str:
    return name if isinstance(name, str) else " › ".join(name)


@lru_cache(maxsize=8192)
def _only(key: str) -> frozenset[Key]:
    return frozenset([key])


class CategoryCondition(ListCondition):
    """Lines by what they are: coffee, or everything under drinks."""

    type: Literal["category"]
    categories: CategoryNames

    meaning = (
        "Works on lines of these categories. A name stands for that category anywhere in a line's "
        "path, a list of names for a path from the top; upper and lower case are the same."
    )
    unmet_code = "no_line_in_category"

    def listed(self) -> Iterable[str | tuple[str, ...]]:
        """Return the categories."""
        return self.categories

    @staticmethod
    def key(name: str | tuple[str, ...]) -> Key:
        """Fold names and paths alike."""
        return folded(name) if isinstance(name, str) else tuple(map(folded, name))

    @staticmethod
    def found_on(line: Line) -> frozenset[Key]:
        """Return the elements of the line's category path, and the paths from the top."""
        return category_keys(line.category)


class BrandCondition(ListCondition):
    """Lines by who makes them."""

    type: Literal["brand"]
    brands: Labels

    meaning = "Works on lines of these brands; upper and lower case are the same."
    unmet_code = "no_line_of_brand"

    def listed(self) -> Iterable[str]:
        """Return the brands."""
        return self.brands

    @staticmethod
    def key(name: str | tuple[str, ...]) -> Key:
        """Fold the brand."""
        return folded(str(name))

    @staticmethod
    def found_on(line: Line) -> frozenset[Key]:
        """Return the line's brand, if it has one."""
        return NO_KEYS if line.brand is None else _only(folded(line.brand))


class SkuCondition(ListCondition):
    """Lines by article number."""

    type: Literal["sku"]
    skus: Labels

    meaning = "Works on lines with these article numbers, compared exactly."
    unmet_code = "no_line_with_sku"

    def listed(self) -> Iterable[str]:
        """Return the article numbers."""
        return self.skus

    @staticmethod
    def key(name: str | tuple[str, ...]) -> Key:
        """Take the number as it is."""
        return str(name)

    @staticmethod
    def found_on(line: Line) -> frozenset[Key]:
        """Return the line's article number, if it has one."""
        return NO_KEYS if line.sku is None else _only(line.sku)
