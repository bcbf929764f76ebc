"""Counters and histograms that ``/metrics`` shows; labels are route names and ids only."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("regulars_requests_total", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("regulars_request_seconds", "Time to answer.", ["route"])
TRANSACTION_RETRIES = Counter(
    "regulars_transaction_retries_total", "Transactions repeated after a deadlock."
)
ROWS_SKIPPED = Counter(
    "regulars_rows_skipped_total", "Rows that a periodic round could not deal with.", ["round"]
)
