"""What must always hold, each as one query that returns the rows in violation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise about the data; ``sql`` selects ``organization_id, subject, subject_id, detail``.

    The query may use ``%(organization)s``: an id, or NULL for all.
    """

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that breaks a promise."""

    invariant: str
    organization_id: int | None
    subject: str
    subject_id: int
    detail: str
