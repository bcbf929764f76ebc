"""Structured logs: one JSON object a line, in UTC, with route names and ids, nobody's data."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from functools import partial
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
LAST: list[Any] = [
    structlog.processors.format_exc_info,
    _without_row_values,
    structlog.processors.JSONRenderer(),
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
                    *LAST,
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
            # Seven steps for every sheet of paper, and a warning for every style it does without.
            "weasyprint": {"level": "ERROR"},
            "weasyprint.progress": {"level": "WARNING"},
        },
    }


class Lines:
    """Writes the lines of our own loggers where the standard library's logging writes.

    Levels and names are the library's. A record of it, of which a formatter makes a copy to take
    apart again what structlog put together, took longer than anything else about a short request.
    """

    def __init__(self, name: str, out: logging.StreamHandler[Any]) -> None:
        self.name, self.out, self.own = name, out, logging.getLogger(name)
        self.getEffectiveLevel = self.own.getEffectiveLevel

    @property
    def disabled(self) -> bool:
        """Say whether nothing is to be written at all."""
        return self.own.disabled

    def write(self, line: str) -> None:
        """Write a line as a whole, whoever else writes."""
        with self.out.lock:  # type: ignore[union-attr]  # handlers of the library have one
            self.out.stream.write(f"{line}\n")
            self.out.flush()

    debug = info = warning = error = critical = write


def configure(settings: dict[str, Any]) -> None:
    """Set up the standard library's logging and structlog alike."""
    logging.config.dictConfig(settings)
    out = next(one for one in logging.getLogger().handlers if one.name == "out")
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, *LAST],
        logger_factory=partial(_lines, out),
        cache_logger_on_first_use=True,
    )


def _lines(out: Any, name: str = "") -> Lines:
    return Lines(name, out)
