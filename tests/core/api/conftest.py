import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from core.api import pages
from core.api.throttling import KeyThrottle, TokenBuckets
from core.models import ApiKey, Integration, Organization
from core.services.api_keys import NewIntegration, open_integration
from core.services.organizations import NewOrganization, open_organization
from tests.core.api.urls import Probe

KEY = "0123456789abcdef"


@dataclass
class Api:
    """A shop system with its key."""

    organization: Organization
    integration: Integration
    key: ApiKey
    secret: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, json.dumps({} if body is None else body), **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PATCH", path, json.dumps(body), **headers)

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes = "",
        content_type="application/json",
        **headers: str,
    ) -> Any:
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            body,
            content_type=content_type,
            headers=self.headers(headers),
        )

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.secret}", **named}


def make_api(slug: str = "bean", scopes: tuple[str, ...] = ("all",), currency: str = "GBP") -> Api:
    opened = open_organization(
        new=NewOrganization(
            name=slug.title(),
            slug=slug,
            currency=currency,
            country="GB",
            time_zone="Europe/London",
            language="en",
        ),
        stores=[("HS", "High Street"), ("MK", "Market")],
        owner_email=f"owner@{slug}.example",
    )
    issued = open_integration(
        organization_id=opened.organization.pk,
        new=NewIntegration(name="Tills", scopes=scopes, store="HS"),
    )
    client = Client(raise_request_exception=False)
    return Api(opened.organization, issued.key.integration, issued.key, issued.secret, client)


@pytest.fixture(autouse=True)
def probing(settings, monkeypatch):
    """The probing addresses, their own schema, and buckets no other test has drunk from."""
    settings.ROOT_URLCONF = "tests.core.api.urls"
    monkeypatch.setattr(KeyThrottle, "buckets", TokenBuckets(per_second=500, burst=1000))
    Probe.done.clear()
    pages._schema_text.cache_clear()
    yield
    pages._schema_text.cache_clear()


@pytest.fixture
def api(db) -> Api:
    return make_api()


@pytest.fixture
def other(db) -> Api:
    return make_api("leaf")
