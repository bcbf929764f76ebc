"""Answers in JSON, written once and at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from core.canonical import as_json


class PlainRenderer(BaseRenderer):
    """Writes every answer the one way in which remembered answers are written too."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(self, data: Any, *_context: Any, **_options: Any) -> bytes:
        """Return JSON in UTF-8; nothing for an answer without a body."""
        return b"" if data is None else as_json(data).encode()


PLAIN = PlainRenderer()
CONTENT_TYPE = f"{PLAIN.media_type}; charset={PLAIN.charset}"


class Told(HttpResponse):
    """An answer to a program: ``Told({"points": 5}, 201)``."""

    def __init__(
        self,
        data: Any,
        status: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = CONTENT_TYPE,
    ) -> None:
        super().__init__(PLAIN.render(data), content_type, status, headers=headers)
        if data is None:
            del self.headers["Content-Type"]


def told(response: Response) -> Told:
    """Return the framework's kind of answer, which waits to be rendered by a template, as ours."""
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    kind = response.content_type or CONTENT_TYPE
    return Told(response.data, response.status_code, headers=headers, content_type=kind)
