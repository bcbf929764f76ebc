"""What must always hold, each as one query that returns the rows in violation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise about the data; ``sql`` selects ``organization_id, subject, subject_id, detail``.

    The query may use the parameters of ``Scope``, each a value or NULL for all.
    """

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an audit looks at: one organization, some accounts, blocks sealed from a moment on.

    ``accounts`` narrows the questions about accounts; all others are asked in whole.
    """

    organization: int | None = None
    accounts: Collection[int] | None = None
    since: datetime | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the values for ``%(organization)s``, ``%(accounts)s`` and ``%(since)s``."""
        accounts = None if self.accounts is None else sorted(self.accounts)
        return {"organization": self.organization, "accounts": accounts, "since": self.since}


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that breaks a promise."""

    invariant: str
    organization_id: int | None
    subject: str
    subject_id: int
    detail: str
