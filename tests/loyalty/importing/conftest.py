import pytest

from tests.loyalty.importing.files import import_file, text_of
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture
def shop(db):
    """A shop with one point per pound; when the test is over every balance must be explained."""
    yield open_shop()
    assert_audit_is_clean()


@pytest.fixture
def write(tmp_path):
    """Write a file of rows, or of text or bytes as they are."""

    def make(content, name="receipts.csv"):
        path = tmp_path / name
        if isinstance(content, list):
            content = text_of(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def imported(shop, write):
    """Import rows into the shop and return how that went."""

    def run(content, *options, **how):
        return import_file(write(content), *options, **how)

    return run
