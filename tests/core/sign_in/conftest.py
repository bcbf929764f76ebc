import re
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from core.models import Organization, Staff, User
from core.models.people import Role
from core.register_cookie import RegisterCookie, signed
from core.services.organizations import NewOrganization, open_organization
from core.services.registers import enroll_device
from core.services.staff import NewStaff, add_staff
from tests.core.sign_in import hashers

PASSWORD = "correct horse battery staple"
START = "2026-03-02T09:00:00Z"


@pytest.fixture(autouse=True)
def quick(settings):
    """Real doors on the probing addresses, with a hasher that does not take a third of a second."""
    settings.PASSWORD_HASHERS = ["tests.core.sign_in.hashers.CountingHasher"]
    settings.ROOT_URLCONF = "tests.core.sign_in.urls"
    hashers.asked.clear()


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def open_shop(slug):
    return open_organization(
        new=NewOrganization(
            name=slug.title(),
            slug=slug,
            currency="GBP",
            country="GB",
            time_zone="Europe/London",
            language="en",
        ),
        stores=[("HS", "High Street"), ("MK", "Market")],
        owner_email=f"owner@{slug}.example",
    )


def hire(organization, role, **details):
    details = {"email": f"{role}@{organization.slug}.example", **details}
    return add_staff(
        organization_id=organization.pk,
        new=NewStaff(name=details.pop("name", role.title()), role=role, **details),
    )


@pytest.fixture
def shop(db):
    """An organization with one person in every role; Pia has a PIN and no e-mail address."""
    cache.clear()  # the counters of a test that committed are still in its table
    opened = open_shop("bean")
    organization = opened.organization
    people = SimpleNamespace(
        organization=organization,
        owner=opened.owner,
        manager=hire(organization, Role.MANAGER),
        analyst=hire(organization, Role.ANALYST),
        cashier=hire(organization, Role.CASHIER),
        pia=hire(organization, Role.CASHIER, name="Pia", email="", pin="246813", code="pia"),
    )
    for staff in (people.owner, people.manager, people.analyst, people.cashier):
        staff.user.set_password(PASSWORD)
        staff.user.save(update_fields=["password"])
    return people


@pytest.fixture
def other_shop(shop):
    opened = open_shop("leaf")
    opened.owner.user.set_password(PASSWORD)
    opened.owner.user.save(update_fields=["password"])
    return opened


@pytest.fixture
def register(shop):
    return shop.organization.registers.select_related("store").get(store__code="HS")


@pytest.fixture
def tablet(shop, register):
    return enroll_device(register_id=register.pk, staff_id=shop.manager.pk)


@pytest.fixture
def counter(tablet, settings):
    """The browser at the counter: a device that is a register, where nobody works yet."""
    client = Client()
    client.cookies[settings.REGISTER_COOKIE_NAME] = signed(RegisterCookie(tablet.public_id))
    return client


@pytest.fixture
def pia_at_work(counter):
    assert enter_pin(counter).status_code == 302
    return counter


def enter_pin(client, staff="pia", pin="246813", **more):
    return client.post("/till/sign-in/", {"step": "pin", "staff": staff, "pin": pin, **more})


def sign_in(staff, client=None, **more):
    """Sign someone in to the office as people do, by the form."""
    client = client or Client()
    answer = client.post(
        "/accounts/login/", {"login": staff.user.email, "password": PASSWORD, **more}
    )
    assert answer.status_code == 302, answer.content.decode()
    return client


def text_of(answer):
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def count_everything():
    return (Organization.objects.count(), Staff.objects.count(), User.objects.count())
