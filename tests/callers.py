"""A shop system that calls the API through the test client."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

_keys = count(1)


@dataclass
class Caller:
    """A key, and the calls made with it; each POST has a new idempotency key unless told."""

    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **query: Any) -> HttpResponse:
        """Ask."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: Any, *, key: str | None = None) -> HttpResponse:
        """Do something once."""
        key = key or f"key-of-a-caller-{next(_keys):08}"
        return self.send("POST", path, json.dumps(body), Idempotency_Key=key)

    def patch(self, path: str, body: Any) -> HttpResponse:
        """Change something."""
        return self.send("PATCH", path, json.dumps(body))

    def send(self, method: str, path: str, body: str = "", **headers: str) -> HttpResponse:
        """Send a request as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **named},
        )


def problem(response: HttpResponse) -> tuple[int, str, str | None]:
    """Return status, code and first field of a refusal, which must be a problem document."""
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    fields = [error["field"] for error in told["errors"]]
    return response.status_code, told["code"], fields[0] if fields else None
