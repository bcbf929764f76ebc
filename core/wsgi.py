"""Django's entrance for web servers, for people who send nonsense."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class UTF8Request(WSGIRequest):
    """A request in UTF-8, whatever its content type says.

    Django would decode the query by any codec that a caller names; ``bz2_codec`` is one, and
    breaks before the first middleware could refuse it.
    """

    @property
    def encoding(self) -> None:
        """Return nothing, which means UTF-8."""
        return

    @encoding.setter
    def encoding(self, _named: str | None) -> None:
        """Stay with UTF-8; the middleware refuses the request."""


class Handler(WSGIHandler):
    """Answers such requests."""

    request_class = UTF8Request
