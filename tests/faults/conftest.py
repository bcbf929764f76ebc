from itertools import count

import pytest

from tests.faults.client import Call, new_key
from tests.faults.history import NAME, PHONE
from tests.faults.machine import looking_at, machine
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


@pytest.fixture(scope="session")
def whole_machine(django_db_setup, django_db_blocker, tmp_path_factory):
    """Run an installation of its own for all tests that break one."""
    with django_db_blocker.unblock(), machine(tmp_path_factory.mktemp("machine") / "var") as made:
        yield made


class Stage:
    """A shop on the machine, with one member whose name must not turn up in any log."""

    def __init__(self, name):
        self.shop = open_shop(name)
        self.member = self.shop.member(PHONE, name=NAME)
        self.secret = self.shop.api_key()
        self.numbers = count(1)

    def call(self, path, body):
        """Compose a call with a key that was never used."""
        return Call(path=path, body=body, key=new_key(), secret=self.secret)

    def sale(self, member=None, *, number="", amount="10.00"):
        """Compose a sale that earns the member points."""
        member = member or self.member
        body = {
            "external_id": f"{number}{next(self.numbers)}",
            "store": "1",
            "member": str(member.public_id),
            "lines": [{"sku": "mug", "quantity": "1", "amount": amount}],
        }
        return self.call("purchases/", body)

    def sales(self, times, member=None):
        return [self.sale(member) for _sale in range(times)]


@pytest.fixture
def stage(transactional_db, whole_machine):
    """Open a shop of the test's own; the machine is not emptied between tests."""
    whole_machine.begin()
    with looking_at(whole_machine):
        yield Stage(f"shop-{new_key()}")
