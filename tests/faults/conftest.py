import pytest

from tests.faults.client import Call, new_key
from tests.server import serving
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture
def shop(transactional_db):
    return open_shop()


@pytest.fixture
def audited(shop):
    """A shop whose every balance must be explained when the test is over."""
    yield shop
    assert_audit_is_clean()


@pytest.fixture
def member(shop):
    return shop.member(name="Mina K")


@pytest.fixture
def broken_server(transactional_db, tmp_path):
    """Start servers that are broken in a named way; ``trigger`` says when, for faults that wait."""
    running = []

    class Broken:
        trigger = tmp_path / "trigger"
        log = tmp_path / "server.log"

        def __call__(self, *faults):
            context = serving(
                self.log,
                settings="tests.faults.settings",
                REGULARS_FAULTS=",".join(faults),
                REGULARS_FAULT_TRIGGER=str(self.trigger),
            )
            running.append(context)
            return context.__enter__()

    yield Broken()
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def caller(shop):
    """Compose calls with a key of the shop."""
    secret = shop.api_key()

    def call(path, body, *, key=None):
        return Call(path=path, body=body, key=key or new_key(), secret=secret)

    return call
