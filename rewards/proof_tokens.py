"""What a member's phone shows to prove who holds it: signed, and good for two minutes.

The number on a card is no secret and points can be earned with it; whoever spends many shows that
they are signed in as the member now.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import segno
from django.core.signing import BadSignature, TimestampSigner

LASTS = timedelta(minutes=2)
LENGTH_MAX = 200
DRAWN_BYTES = 6

_START = "proof:"  # no phone, card, voucher or address begins so
_signer = TimestampSigner(salt="rewards.proof")


def make(member_id: UUID) -> str:
    """Return what the phone of a member shows now: no two pictures are the same."""
    return _START + _signer.sign(member_id.hex + secrets.token_hex(DRAWN_BYTES))


def is_one(text: str) -> bool:
    """Say whether this was scanned off a phone, be it good or not."""
    return text.startswith(_START)


def read(text: str) -> UUID | None:
    """Return whose phone showed this in the last two minutes, unless nobody's did."""
    if not is_one(text) or len(text) > LENGTH_MAX:
        return None
    with suppress(BadSignature, ValueError):
        said = _signer.unsign(text.removeprefix(_START), max_age=LASTS)
        return UUID(hex=said[: -2 * DRAWN_BYTES])
    return None


def image(token: str) -> str:
    """Return the same as a QR code, as the address of an image."""
    drawn: str = segno.make(token, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return drawn
