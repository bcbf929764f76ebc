from functools import partial

import pytest

from core.models import Organization, Store
from members.models import Source
from members.services.enrollment import enroll


@pytest.fixture
def organization(db):
    return _open("high-street", country="GB")


@pytest.fixture
def stranger(db):
    return _open("low-road", country="GB")


@pytest.fixture
def tehran(db):
    return _open("tehran", country="IR", time_zone="Asia/Tehran")


@pytest.fixture
def store(organization):
    return Store.objects.create(organization=organization, code="1", name="High Street 1")


@pytest.fixture
def join(organization):
    """Enroll somebody at the till of the first organization."""
    return partial(enroll, organization_id=organization.pk, source=Source.TILL)


@pytest.fixture
def ada(join):
    return join(phone="+447400123456", email="Ada@Example.org", name="Ada Lovelace").member


def _open(slug, *, country, time_zone="Europe/London"):
    return Organization.objects.create(
        name=slug.title(), slug=slug, currency="GBP", country=country, time_zone=time_zone
    )
