"""What came of a file so far: every row counted once, and what its receipts gave and took."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of one chunk or of a whole import; ``accepted + refused + skipped`` are all rows."""

    accepted: int = 0
    refused: int = 0
    skipped: int = 0
    faults: int = 0
    purchases: int = 0
    returns: int = 0
    duplicates: int = 0
    members: int = 0
    found: int = 0
    partly_found: int = 0
    not_found: int = 0
    points_given: int = 0
    points_taken: int = 0
    points_owed: int = 0
    sold: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    reasons: Counter[str] = field(default_factory=Counter)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what was stored."""
        money = {name: Decimal(data[name]) for name in ("sold", "returned") if name in data}
        return cls(**{**data, **money, "reasons": Counter(data.get("reasons", {}))})

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON, the same for equal tallies."""
        money = {"sold": format(self.sold, "f"), "returned": format(self.returned, "f")}
        return {**asdict(self), **money, "reasons": dict(sorted(self.reasons.items()))}

    @property
    def rows(self) -> int:
        """Return how many rows were dealt with."""
        return self.accepted + self.refused + self.skipped

    def __add__(self, other: Tally) -> Tally:
        names = [one.name for one in fields(self)]
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})
