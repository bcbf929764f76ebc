"""Which lines a rule works on: by category, by brand and by article number."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text import caseless
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import LineCondition
from loyalty.earning.vocabulary.parts import CategoryNames, Labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loyalty.earning.basket import Basket, EarningLine
    from loyalty.earning.receipt import Line
    from loyalty.earning.wording import Wording

Name = str | tuple[str, ...]
Keys = frozenset[Name]
NO_KEYS: Keys = frozenset()

# A shop has few categories and brands, and they are on thousands of receipts.
_remembered = lru_cache(maxsize=16_384)


class Match(StrEnum):
    """How lines meet a list: any of it, all of it in one purchase, or none of it."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


_NONE, _ALL = Match.NONE, Match.ALL
_MATCH = {
    "match": gettext_lazy("Which lines count"),
    "match.any": gettext_lazy("Lines of any of these"),
    "match.all": gettext_lazy("Only when all of these are bought"),
    "match.none": gettext_lazy("Everything but these"),
}


class ListCondition(LineCondition):
    """A condition that compares lines with a list of names."""

    match: Match = Match.ANY

    @abstractmethod
    def listed(self) -> tuple[Name, ...]:
        """Return the names as the rule's author wrote them."""

    @staticmethod
    @abstractmethod
    def key(name: Name) -> Name:
        """Return a listed name in the form lines are compared in."""

    @staticmethod
    @abstractmethod
    def keys_of(line: Line) -> Keys:
        """Return every key by which a line can be listed."""

    @cached_property
    def keys(self) -> Keys:
        """Return the listed names, ready to compare."""
        return frozenset(map(self.key, self.listed()))

    @property
    def asks_whole_basket(self) -> bool:
        """Only "all" needs the other lines: each listed name must have been bought."""
        return self.match is _ALL

    def pick(self, lines: list[EarningLine]) -> list[EarningLine]:
        """Compare each line's keys with the list; being listed twice changes nothing."""
        is_apart, keys_of = self.keys.isdisjoint, self.keys_of
        if self.match is _NONE:
            return [line for line in lines if is_apart(keys_of(line.line))]
        return [line for line in lines if not is_apart(keys_of(line.line))]

    def unmet(self, basket: Basket) -> Reason | None:
        """Look for every listed name among the lines that earn."""
        bought = NO_KEYS.union(*(self.keys_of(line.line) for line in basket.goods))
        return None if self.keys <= bought else self.none_picked

    @cached_property
    def none_picked(self) -> Reason:
        """Name the list; it is the same for every purchase."""
        return Reason(self.unmet_code, {"match": self.match, "names": self.listed()})

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


@_remembered
def _category_keys(path: tuple[str, ...]) -> Keys:
    names = tuple(map(caseless, path))
    return frozenset([*names, *(names[:depth] for depth in range(1, len(names) + 1))])


@_remembered
def _brand_keys(brand: str | None) -> Keys:
    return NO_KEYS if brand is None else frozenset([caseless(brand)])


class CategoryCondition(ListCondition):
    """Lines by what they are: coffee, or everything under drinks."""

    type: Literal["category"]
    categories: CategoryNames

    label = gettext_lazy("Only certain categories")
    labels: ClassVar = {**_MATCH, "categories": gettext_lazy("Categories")}
    meaning = (
        "Works on lines of these categories. A name stands for that category anywhere in a line's "
        "path, a list of names for a path from the top; upper and lower case are the same."
    )
    unmet_code = "no_line_in_category"

    @staticmethod
    def keys_of(line: Line) -> Keys:
        """Return each element of the line's category path, and each path from the top."""
        return _category_keys(line.category)

    def listed(self) -> tuple[Name, ...]:
        """Return the categories."""
        return self.categories

    @staticmethod
    def key(name: Name) -> Name:
        """Fold names and paths alike."""
        return caseless(name) if isinstance(name, str) else tuple(map(caseless, name))


class BrandCondition(ListCondition):
    """Lines by who makes them."""

    type: Literal["brand"]
    brands: Labels

    label = gettext_lazy("Only certain brands")
    labels: ClassVar = {**_MATCH, "brands": gettext_lazy("Brands")}
    meaning = "Works on lines of these brands; upper and lower case are the same."
    unmet_code = "no_line_of_brand"

    @staticmethod
    def keys_of(line: Line) -> Keys:
        """Return the line's brand, folded."""
        return _brand_keys(line.brand)

    def listed(self) -> tuple[Name, ...]:
        """Return the brands."""
        return self.brands

    @staticmethod
    def key(name: Name) -> Name:
        """Fold the brand."""
        return caseless(str(name))


class SkuCondition(ListCondition):
    """Lines by article number."""

    type: Literal["sku"]
    skus: Labels

    label = gettext_lazy("Only certain articles")
    labels: ClassVar = {**_MATCH, "skus": gettext_lazy("Article numbers")}
    meaning = "Works on lines with these article numbers, compared exactly."
    unmet_code = "no_line_with_sku"

    @staticmethod
    def keys_of(line: Line) -> Keys:
        """Return the line's article number as it is."""
        return NO_KEYS if line.sku is None else frozenset([line.sku])

    def listed(self) -> tuple[Name, ...]:
        """Return the article numbers."""
        return self.skus

    @staticmethod
    def key(name: Name) -> Name:
        """Take the number as it is."""
        return name
