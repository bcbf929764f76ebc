"""The till that asks a member to prove who they are, and what their phone shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from rewards import proof_tokens

Pages = dict[str, tuple[str, dict[str, Any]]]


def till_proof_pages(at_work: dict[str, Any], member: dict[str, Any]) -> Pages:
    """Return the till before and after a code was refused, and where none can be sent."""
    known = at_work | {"member": member | {"public_id": uuid4()}}
    asked = {
        "member_id": uuid4(),
        "can_send": True,
        "key": "k" * 32,
        "refusal": "",
        "again_url": "?member=1",
    }
    refused = {"refusal": "This proves nothing. Ask for a new picture or a new code."}
    home = "till/home.html"
    return {
        "till-proof": (home, known | {"proof": asked}),
        "till-proof-refused": (home, known | {"proof": asked | refused}),
        "till-proof-unwritten": (home, known | {"proof": asked | {"can_send": False}}),
    }


def portal_proof_pages(frame: Callable[..., dict[str, Any]]) -> Pages:
    """Return what the member's phone shows."""
    until: datetime = timezone.now() + timedelta(minutes=2)
    qr = proof_tokens.image(proof_tokens.make(UUID(int=7)))
    return {"portal-proof": ("portal/proof.html", frame("Card", qr=qr, until=until))}
