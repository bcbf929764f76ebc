"""What a recorded purchase did: its points, and the tier, stamps and challenges that followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from loyalty.earning.outcome import Outcome
from loyalty.models import Award, Entry, Grant, Program, Purchase
from loyalty.receipts import ReceiptDraft


@dataclass(frozen=True, slots=True)
class TierMove:
    """The tier of an account before and after, by code; empty is below the first."""

    before: str
    after: str
    name: str = ""
    is_up: bool = False


@dataclass(frozen=True, slots=True)
class StampsMoved:
    """Stamps that came onto a card or went off it, and how full the open sheet is now.

    Of a card that is just full, that is the next one. ``version`` is what the open sheet says.
    """

    card: str
    name: str
    given: int
    stamps: int
    of: int
    completed: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class ChallengeMoved:
    """How far a challenge has come."""

    challenge: str
    name: str
    progress: Decimal
    target: Decimal
    is_completed: bool = False


@dataclass(slots=True)
class Followed:
    """What came of a purchase, an activity or a return beside the points of the rules."""

    tier: TierMove | None = None
    stamps: list[StampsMoved] = field(default_factory=list)
    challenges: list[ChallengeMoved] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Earned:
    """What one purchase earned in one program; without an account when it earned nothing."""

    program: Program
    outcome: Outcome
    rule_ids: Mapping[int, str]
    account_id: int | None = None
    entry: Entry | None = None
    awards: list[Award] = field(default_factory=list)
    followed: Followed = field(default_factory=Followed)


@dataclass(slots=True)
class Recorded:
    """A purchase that is now on record, the receipt it was made from, and what it earned.

    ``spent`` took the points that paid for it.
    """

    purchase: Purchase
    draft: ReceiptDraft
    earned: list[Earned] = field(default_factory=list)
    spent: Entry | None = None

    @property
    def points(self) -> int:
        """Return the points given in all programs together."""
        return sum(part.outcome.points for part in self.earned)

    @property
    def entries(self) -> list[Entry]:
        """Return what it did to balances: points that paid for it, then those it earned."""
        earned = [part.entry for part in self.earned if part.entry is not None]
        return [self.spent, *earned] if self.spent is not None else earned
