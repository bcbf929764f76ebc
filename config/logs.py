"""Structured logs: one JSON object a line, in UTC, with route names and ids, nobody's data."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = {"request", "email", "phone", "name", "ip", "user_agent", "query", "body", "token"}
QUERY = re.compile(r"\?\S*")
ROW_VALUES = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)


def drop_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Leave out what could name a person: addresses, numbers, queries and bodies."""
    for key in PERSONAL & event.keys():
        del event[key]
    return event


def _without_query(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    event["event"] = QUERY.sub("", str(event.get("event", "")))
    return event


def _without_row_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Leave out the lines in which the database repeats what a row holds."""
    if "exception" in event:
        event["exception"] = ROW_VALUES.sub(r"\1: (left out)", event["exception"])
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_personal,
    _without_query,
]


def logging_settings(*, level: str) -> dict[str, Any]:
    """Return the dictionary that sends every logger through the same JSON line."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _without_row_values,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            # These repeat paths; "request_finished" and "request_failed" tell the same by route.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
            "django.server": {"level": "ERROR"},
            # It tells every process which pictures it cannot draw.
            "pyBarcode": {"level": "WARNING"},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Set up the standard library's logging and structlog alike."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
