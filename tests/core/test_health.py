from datetime import timedelta

import pytest
import time_machine
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from core import health

READY = {"database": True, "migrations": True, "clock": True}
SCRAPE = "regulars_requests_total"


@pytest.fixture
def client(db):
    health._are_migrations_applied.cache_clear()
    yield Client()
    health._are_migrations_applied.cache_clear()


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/livez")

    assert (answer.status_code, answer.text) == (200, "ok")


def test_ready_means_that_the_database_has_every_migration(client, db):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": READY}


def test_not_ready_while_a_migration_is_missing(client, db):
    MigrationRecorder.Migration.objects.filter(app="core").order_by("-pk").first().delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == READY | {"migrations": False}


@pytest.mark.proves("F17")
@pytest.mark.parametrize(("minutes", "ready"), [(0, 200), (2, 503), (-2, 503)])
def test_not_ready_while_the_clock_is_wrong(client, minutes, ready):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        answer = client.get("/readyz")

    assert answer.status_code == ready
    assert answer.json()["checks"] == READY | {"clock": ready == 200}


def test_once_ready_only_the_database_is_asked_again(client, db, django_assert_num_queries):
    client.get("/readyz")

    with django_assert_num_queries(1):
        client.get("/readyz")


def test_figures_name_routes_and_never_addresses(client):
    client.get("/livez")
    client.get("/nothing/+447400123456")

    shown = client.get("/metrics").text
    assert f'{SCRAPE}{{method="GET",route="livez",status="200"}}' in shown
    assert "447400123456" not in shown


@pytest.mark.parametrize(
    ("why", "settings_", "meta", "status"),
    [
        ("this machine", {}, {}, 200),
        ("this machine, IPv6", {}, {"REMOTE_ADDR": "::1"}, 200),
        ("another machine", {}, {"REMOTE_ADDR": "10.0.0.1"}, 403),
        ("a socket", {}, {"REMOTE_ADDR": ""}, 403),
        ("through a proxy here", {"TRUSTED_PROXY_COUNT": 1}, {}, 403),
        ("through a proxy nobody told of", {}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("an empty token", {}, {"REMOTE_ADDR": "10.0.0.1", "HTTP_AUTHORIZATION": "Bearer "}, 403),
        (
            "the token",
            {"METRICS_TOKEN": "s3cret"},
            {"REMOTE_ADDR": "10.0.0.1", "HTTP_AUTHORIZATION": "Bearer s3cret"},
            200,
        ),
        (
            "another token",
            {"METRICS_TOKEN": "s3cret"},
            {"REMOTE_ADDR": "10.0.0.1", "HTTP_AUTHORIZATION": "Bearer guess"},
            403,
        ),
    ],
)
def test_figures_are_for_the_operator(client, settings, why, settings_, meta, status):
    for name, value in settings_.items():
        setattr(settings, name, value)

    answer = client.get("/metrics", **meta)

    assert answer.status_code == status
    assert (SCRAPE in answer.text) == (status == 200)
