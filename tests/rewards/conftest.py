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
