"""A key that is bound to a store or register can speak for no other."""

from __future__ import annotations

from typing import Any

from core.api.authentication import Caller
from members.errors import StoreUnknown
from rewards.errors import RegisterUnknown


def bound_to_place(caller: Caller, sent: dict[str, Any]) -> dict[str, Any]:
    """Return the body with the key's own store and register; refuse another's."""
    if caller.store and sent.get("store", caller.store.code) != caller.store.code:
        raise StoreUnknown
    if caller.register and sent.get("register", caller.register.code) != caller.register.code:
        raise RegisterUnknown
    return {**sent, **({"register": caller.register.code} if caller.register else {})}


def source_of(caller: Caller) -> str:
    """Return the name under which the caller's receipt numbers are unique."""
    return f"integration:{caller.integration.public_id}"
