"""The canonical form of a request, so that two spellings of one wish compare equal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise


def canonical(value: Any) -> Any:
    """Return the value as plain JSON: decimals without trailing zeros, times in UTC.

    Works on what validation returned, so ``"10.0"`` and ``10`` are already the same number.
    """
    if isinstance(value, dict):
        return {str(key): canonical(part) for key, part in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [canonical(part) for part in value]
    return _canonical_leaf(value)


def _canonical_leaf(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, (date, UUID)) else value


def as_json(value: Any) -> str:
    """Return an answer as JSON text; keys keep their order."""
    return _write(value)


def json_leaf(value: Any) -> Any:
    """Say in JSON what JSON has no word for: money, times, ids and translated sentences."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, UUID, Promise)):
        return value.isoformat() if isinstance(value, date) else str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=json_leaf).encode


def canonical_json(value: Any) -> str:
    """Return one text for one meaning: sorted keys, no white space."""
    return json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def first_difference(stored: Any, sent: Any, path: str = "") -> str | None:
    """Name the first field in which two canonical bodies differ, or return ``None``."""
    if isinstance(stored, dict) and isinstance(sent, dict):
        for key in sorted({*stored, *sent}):
            found = first_difference(stored.get(key), sent.get(key), f"{path}.{key}".strip("."))
            if found is not None:
                return found
        return None
    if isinstance(stored, list) and isinstance(sent, list) and len(stored) == len(sent):
        for index, (left, right) in enumerate(zip(stored, sent, strict=True)):
            found = first_difference(left, right, f"{path}[{index}]")
            if found is not None:
                return found
        return None
    return None if stored == sent else path or "body"
