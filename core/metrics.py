"""Counters and histograms that ``/metrics`` shows; labels are route names and ids only."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("regulars_requests_total", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("regulars_request_seconds", "Time to answer.", ["route"])
TRANSACTION_RETRIES = Counter(
    "regulars_transaction_retries_total", "Transactions repeated after a deadlock."
)
NIGHT_WORK_SKIPPED = Counter(
    "regulars_night_work_skipped_total", "Work that broke in an organization's night.", ["work"]
)
BROKEN_PROMISES = Gauge(
    "regulars_broken_promises",
    "Rows that break a promise, as the last nightly audit of an organization found them.",
    ["organization"],
    multiprocess_mode="mostrecent",
)
ROWS_SKIPPED = Counter(
    "regulars_rows_skipped_total", "Rows that a periodic round could not deal with.", ["round"]
)
EVENTS_PARKED = Counter(
    "regulars_events_parked_total", "Events that somebody could not take, time and again.", ["kind"]
)
