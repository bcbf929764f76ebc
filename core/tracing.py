"""The id under which a request is found in the log, in the answer and with the caller."""

from __future__ import annotations

import structlog


def request_id() -> str:
    """Return the id of the request being answered, or nothing outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
