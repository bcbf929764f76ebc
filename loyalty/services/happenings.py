"""What members do and what comes back of it, as stamps, challenges and tiers see it.

Followers import these from here, and ``loyalty.services.following`` imports the followers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.models import Account, AccountMerge, Activity, Award, AwardReversal, Purchase, Return
from loyalty.receipts import ReceiptDraft
from loyalty.services.recorded import Followed
from loyalty.services.rulebook import ProgramRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A purchase or an activity of a member in one program, after its points are in the book.

    ``awards`` are not stored yet; ``draft`` is there with a ``purchase``.
    """

    rules: ProgramRules
    account_id: int
    member_id: int
    occurred_at: datetime
    request_key: str
    awards: Sequence[Award]
    followed: Followed
    purchase: Purchase | None = None
    draft: ReceiptDraft | None = None
    activity: Activity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a return takes from one account: the parts of awards that are lost, all units.

    ``reversals`` are not stored yet, and ``purchase`` already stands without what came back.
    """

    rules: ProgramRules
    account_id: int
    row: Return
    purchase: Purchase
    reversals: Sequence[AwardReversal]
    followed: Followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two accounts that became one, or, ``is_undone``, that are two again; both are locked."""

    row: AccountMerge
    kept: Account
    emptied: Account
    is_undone: bool = False
