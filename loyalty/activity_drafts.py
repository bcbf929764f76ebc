"""Something a member did besides buying, on its way in: complete, and not yet recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from core.canonical import canonical_json
from core.days import local_day
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import Receipt
from loyalty.earning.vocabulary.triggers import ActivityKind

OWN = "regulars"  # the source of what the platform notes by itself
EVER = "ever"
BY_YEAR = (ActivityKind.BIRTHDAY, ActivityKind.JOIN_ANNIVERSARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDraft:
    """What somebody says that a member did; ``external_id`` is unique within ``source``.

    One that came without its time is not ``is_dated``, and the moment it arrived at is no part of
    its contents.
    """

    member_id: int
    kind: ActivityKind
    source: str
    external_id: str
    occurred_at: datetime
    request_key: str
    name: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    is_dated: bool = True

    @property
    def store_id(self) -> int | None:
        """It has no store."""
        return None

    @property
    def activity(self) -> tuple[str, str]:
        """Return what was done, as rules ask for it."""
        return self.kind.value, self.name

    def once_key(self, zone: ZoneInfo) -> str:
        """Return what of it counts only once; nothing when each one counts."""
        if self.kind is ActivityKind.JOINED:
            return EVER
        return str(local_day(self.occurred_at, zone).year) if self.kind in BY_YEAR else ""

    @property
    def digest(self) -> str:
        """Fingerprint the contents, so that one sent again is told apart from another."""
        at = self.occurred_at if self.is_dated else None
        contents = [self.member_id, *self.activity, at, dict(self.data)]
        return hashlib.sha256(canonical_json(contents).encode()).hexdigest()

    def receipt(self, zone: ZoneInfo) -> Receipt:
        """Return it as rules see it: nothing was bought, and nowhere."""
        return Receipt(
            occurred_at=self.occurred_at,
            local=self.occurred_at.astimezone(zone),
            store="",
            channel="",
            lines=(),
            total=ZERO,
            activity=self.activity,
        )
