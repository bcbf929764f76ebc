"""What operators' machines ask: alive, ready, and how much of what."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.doors import public
from core.queries import events_not_sent

CLOCKS_APART_MAX = timedelta(minutes=1)
LOOPBACK = {"127.0.0.1", "::1"}
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


class _MigrationsMissing(DatabaseError):
    """The tables are older than the code."""


@public(reason="a supervisor asks whether the process answers")
@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers, whatever else may be broken."""
    return HttpResponse("ok", content_type="text/plain")


@public(reason="a load balancer asks whether to send people here")
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: by the database, its migrations and the clock."""
    theirs = _time_in_database()
    checks = {
        "database": theirs is not None,
        "migrations": _passes(_are_migrations_applied),
        # What ends and when is reckoned by this machine's clock.
        "clock": theirs is not None and abs(theirs - timezone.now()) <= CLOCKS_APART_MAX,
    }
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


@public(reason="is itself the check: loopback, or the operator's token")
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the figures to the operator's own machines."""
    if not (_is_local(request) or _has_token(request)):
        return HttpResponse("forbidden", status=403, content_type="text/plain")
    figures = generate_latest(_registry()) + generate_latest(_asked_now)
    return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST)


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        return False


def _time_in_database() -> datetime | None:
    """Return what time it is in the database, or nothing while it does not answer."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
        return told
    return None


@cache
def _are_migrations_applied() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _MigrationsMissing  # only yes may be remembered
    return True


def _is_local(request: HttpRequest) -> bool:
    """Say whether the caller sits on this machine; behind a proxy everyone would seem to."""
    proxied = settings.TRUSTED_PROXY_COUNT or any(name in request.META for name in FORWARDED)
    return not proxied and request.META.get("REMOTE_ADDR") in LOOPBACK


def _has_token(request: HttpRequest) -> bool:
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(
        sent, f"Bearer {settings.METRICS_TOKEN}"
    )


class _Outbox(Collector):
    """Counts the events that wait and those that are parked, at the moment somebody asks."""

    def collect(self) -> Iterator[Metric]:
        """Yield the counts; nothing while the database is out of reach."""
        with suppress(DatabaseError):
            counts = events_not_sent().aggregate(
                parked=Count("pk", filter=Q(parked_at__isnull=False)),
                waiting=Count("pk", filter=Q(parked_at__isnull=True)),
            )
            gauge = GaugeMetricFamily(
                "regulars_outbox_events", "Events that were not handed on yet.", labels=["state"]
            )
            for state, count in counts.items():
                gauge.add_metric([state], count)
            yield gauge


_asked_now = CollectorRegistry()
_asked_now.register(_Outbox())


def _registry() -> CollectorRegistry:
    """Return the figures of all worker processes where they are kept together."""
    if SHARED_METRICS not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
