from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.locking import try_advisory_lock
from core.models import IdempotentRequest, Organization
from core.services import requests
from core.tasks import forget_old_requests
from tests.racing import race


@pytest.fixture
def organization(transactional_db):
    return Organization.objects.create(
        name="Bean",
        slug="bean",
        currency="GBP",
        country="GB",
        time_zone="Europe/London",
    )


def remember(organization, count, age):
    rows = IdempotentRequest.objects.bulk_create(
        IdempotentRequest(
            organization=organization,
            caller="integration:1",
            key=f"{age.days:08}{number:08}",
            route="probe",
            body={},
            status=201,
            answer="{}",
        )
        for number in range(count)
    )
    kept = [row.pk for row in rows]
    IdempotentRequest.objects.filter(pk__in=kept).update(created_at=timezone.now() - age)


@pytest.mark.proves("I9")
def test_requests_are_kept_for_thirty_days_and_not_longer(organization):
    remember(organization, 3, timedelta(days=29, hours=23))
    remember(organization, 4, timedelta(days=30, seconds=1))

    forget_old_requests()

    assert IdempotentRequest.objects.count() == 3


@pytest.mark.proves("I9")
def test_old_requests_go_in_batches(organization):
    remember(organization, 5, timedelta(days=31))

    with CaptureQueriesContext(connection) as asked:
        assert requests.forget_old_requests(batch=2) == 5

    deletes = [one["sql"] for one in asked if one["sql"].startswith("DELETE")]
    assert len(deletes) == 4  # two, two, one, and a last one that finds nothing
    assert IdempotentRequest.objects.count() == 0


@pytest.mark.proves("I9")
@pytest.mark.race
def test_two_rounds_at_once_do_not_wait_for_one_another(organization):
    remember(organization, 5, timedelta(days=31))

    with transaction.atomic():
        assert try_advisory_lock("core.forget_old_requests")
        [while_locked] = race(requests.forget_old_requests)

    assert while_locked == 0
    assert connection.in_atomic_block is False
    assert requests.forget_old_requests() == 5
