"""Keeps a copy of every seal in a file, out of reach of who can change the database.

One line of JSON for each block. A line is never changed: who writes the chain anew in the
database, even with its events, finds the old hashes there.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from core.models import OutboxEvent
from loyalty.models import Seal

LINE_END = b"\n"


class SealContradicts(Exception):
    """The file holds another hash for the block: one of the two was forged."""


def keep_copy(event: OutboxEvent) -> None:
    """Append the seal that the event tells of, unless the file has it; return when it is on disk.

    Raises ``SealContradicts`` when the file has another one in its place.
    """
    told = {"organization": event.organization_id, **event.payload}
    with _file(Path(settings.SEALS_COPY)) as handle:
        kept = _whole_lines(handle)
        known = _seals_in(kept).get((told["organization"], told["block"]))
        if known is None:
            os.write(handle, json.dumps(told, sort_keys=True).encode() + LINE_END)
            os.fsync(handle)
        elif known["hash"] != told["hash"]:
            raise SealContradicts(f"block {told['block']}")


def differences(path: Path, organization_id: int | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Compare the seals with a copy; return how many lines it has, and what is not as it tells.

    Seals that are newer than the copy's newest may still be on their way to it.
    """
    kept = {
        key: line
        for key, line in _seals_in(path.read_bytes()).items()
        if organization_id in (None, key[0])
    }
    seals = Seal.objects.filter(organization_id__in={key[0] for key in kept})
    hashes = {
        (organization, number): value
        for organization, number, value in seals.values_list("organization", "number", "hash")
    }
    newest: dict[int, int] = {}
    for organization, number in kept:
        newest[organization] = max(number, newest.get(organization, 0))
    found = [
        *(_gone(key, line["hash"], hashes.get(key)) for key, line in kept.items()),
        *(_never_kept(key) for key in hashes if key not in kept and key[1] < newest[key[0]]),
    ]
    return len(kept), [one for one in found if one]


def _gone(key: tuple[int, int], kept: str, here: str | None) -> dict[str, Any] | None:
    if here == kept:
        return None
    return _difference(key, "is gone" if here is None else "has another hash in the copy")


def _never_kept(key: tuple[int, int]) -> dict[str, Any]:
    return _difference(key, "is not in the copy")


def _difference(key: tuple[int, int], what: str) -> dict[str, Any]:
    organization, number = key
    detail = f"block {number} {what}"
    return {"organization": organization, "subject": "loyalty.seal", "detail": detail}


@contextmanager
def _file(path: Path) -> Iterator[int]:
    """Have the file to ourselves, made when it is new; its name is on disk before its lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if is_new:
            _remember_name(path.parent)
        yield handle
    finally:
        os.close(handle)


def _remember_name(folder: Path) -> None:
    listing = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(listing)
    finally:
        os.close(listing)


def _whole_lines(handle: int) -> bytes:
    """Return what the file holds, without half a line that a crash left at its end."""
    content = os.pread(handle, os.fstat(handle).st_size, 0)
    whole = content[: content.rfind(LINE_END) + 1]
    if len(whole) < len(content):
        os.ftruncate(handle, len(whole))
    return whole


def _seals_in(content: bytes) -> dict[tuple[int, int], dict[str, Any]]:
    lines = (json.loads(line) for line in content.splitlines() if line.endswith(b"}"))
    return {(line["organization"], line["block"]): line for line in lines}
