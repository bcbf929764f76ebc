import pytest

from loyalty.services.stamps_audit import disagreements
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture
def shop(db):
    """A shop; when the test is over every point and every stamp must be explained."""
    opened = open_shop()
    yield opened
    assert_audit_is_clean()
    assert disagreements(opened.organization.pk) == []
