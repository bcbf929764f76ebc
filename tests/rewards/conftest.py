import json
from uuid import uuid4

import pytest

from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import open_till


@pytest.fixture
def shop(db):
    """A shop with one point per pound; when the test is over every balance must be explained."""
    yield open_shop()
    assert_audit_is_clean()


@pytest.fixture
def member(shop):
    return shop.member(name="Mina K")


@pytest.fixture
def till(shop):
    """A register of the shop at which Ada works."""
    return open_till(shop)


@pytest.fixture
def api(shop, client):
    """Post and get as the shop's system, under a fresh key each time."""
    secret = shop.api_key()

    def call(method, path, body=None, *, key=None, secret=secret):
        return client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key or f"k-{uuid4()}"},
        )

    return call
