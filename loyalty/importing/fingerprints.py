"""Recognizes receipts of a file by their rows alone, before anything is understood of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from loyalty.importing.grouping import Group

SIZE = 16


class Fingerprints:
    """Makes the fingerprints of a file's receipts; ``settings`` is all that decides its reading."""

    def __init__(self, settings: str) -> None:
        self._begun = hashlib.blake2b(settings.encode(), digest_size=SIZE)

    def of(self, group: Group) -> UUID:
        """Return what is the same for equal rows that are read in the same way."""
        digest = self._begun.copy()
        rows = repr([cells for _row, cells in group.rows])
        digest.update(rows.encode("utf-8", "surrogatepass"))
        return UUID(bytes=digest.digest())
