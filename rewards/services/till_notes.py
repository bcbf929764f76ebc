"""What was typed at a till, kept for some minutes under a name that says nothing.

Addresses end up in histories, proxies and logs. So what a page needs of codes and phone numbers is
noted here, and its address has only the note's name, which opens nothing on another device nor for
another session. A device keeps its newest few notes in one place, however much is typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

KEPT_FOR = timedelta(minutes=15)
NOTES_MAX = 8
NAME_BYTES = 16

Note = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """Who notes or reads: a device, and the session on it; none while nobody is signed in.

    What was typed by somebody who had been signed out is for whoever signs in next.
    """

    device: UUID
    session: UUID | None = None


def keep(whose: Whose, note: Note) -> str:
    """Note something for this device and session; return the name to ask for it by."""
    name = token_urlsafe(NAME_BYTES)
    row = {
        "session": str(whose.session or ""),
        "until": (timezone.now() + KEPT_FOR).timestamp(),
        "note": dict(note),
    }
    newest = [*_living(whose), (name, row)][-NOTES_MAX:]
    cache.set(_place(whose), dict(newest), KEPT_FOR.total_seconds())
    return name


def noted(whose: Whose, name: str) -> Note | None:
    """Return a note, unless it is too old, another session's or none at all."""
    row = dict(_living(whose)).get(name)
    if row is None or row["session"] not in {"", str(whose.session)}:
        return None
    found: Note = row["note"]
    return found


def _living(whose: Whose) -> list[tuple[str, dict[str, Any]]]:
    now = timezone.now().timestamp()
    rows: dict[str, dict[str, Any]] = cache.get(_place(whose)) or {}
    return [(name, row) for name, row in rows.items() if row["until"] > now]


def _place(whose: Whose) -> str:
    return f"till:notes:{whose.device}"
