"""The list of tickets of a draw as it is published, and the figures that pin it down.

The method is commit and reveal: the SHA-256 of the seed is published when the draw opens, the
digest of the list when it closes, and the seed itself when it is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

FORMAT = "regulars-draw-1"
SEED_BYTES = 32
SALT_BYTES = 32
PSEUDONYM_LENGTH = 24
IN = "in"  # the standing of a ticket that can win; any other says why it cannot


@dataclass(frozen=True, slots=True)
class Line:
    """Tickets ``first`` to ``last`` of one member; ``standing`` is ``in``, or why they are out."""

    first: int
    last: int
    pseudonym: str
    standing: str = IN

    @property
    def count(self) -> int:
        """Return how many tickets these are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Prize:
    """So many pieces of one reward."""

    reward: str
    count: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What is fixed about a draw from its opening on."""

    draw: str
    commitment: str
    public_source: str
    prizes: tuple[Prize, ...]
    alternates: int
    wins_once: bool


def commitment_of(seed: bytes) -> str:
    """Return the SHA-256 of the seed, which promises the seed and does not tell it."""
    return sha256(seed).hexdigest()


def pseudonym_of(salt: bytes, member: UUID) -> str:
    """Return what a member is called in one draw: SHA-256(salt ‖ id), 96 bits of it.

    Ids of members are random and the salt is of one draw, so that nobody is found by trying, nor
    recognized in another draw.
    """
    return sha256(salt + str(member).encode()).hexdigest()[:PSEUDONYM_LENGTH]


def text_of(terms: Terms, lines: Iterable[Line]) -> Iterator[str]:
    """Yield the published text, line by line: what was promised, then the tickets in order."""
    yield f"{FORMAT}\n"
    yield f"draw {terms.draw}\n"
    yield f"commitment {terms.commitment}\n"
    yield f"public source {json.dumps(terms.public_source, ensure_ascii=False)}\n"
    for prize in terms.prizes:
        yield f"prize {prize.reward} {prize.count}\n"
    yield f"alternates {terms.alternates}\n"
    yield f"once {'yes' if terms.wins_once else 'no'}\n"
    for line in lines:
        yield f"{line.first}-{line.last} {line.pseudonym} {line.standing}\n"


def digest_of(terms: Terms, lines: Iterable[Line]) -> str:
    """Return the SHA-256 of the published text in UTF-8, in hexadecimal."""
    digest = sha256()
    for part in text_of(terms, lines):
        digest.update(part.encode())
    return digest.hexdigest()
