import io
import json
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from core.api.pagination import LIMIT_MAX
from core.api.parsing import BODY_BYTES_MAX, DEPTH_MAX, NUMBER_LENGTH_MAX
from core.api.throttling import KeyThrottle
from core.doors import public
from core.headers import DATA_POLICY, EVERYWHERE
from core.idempotency import KEY_LENGTH_MAX, KEY_LENGTH_MIN
from core.middleware import METHODS
from core.services.api_keys import LIVE_KEYS_MAX

DOCS = Path(project.BASE_DIR) / "docs"
PAGE_POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "media-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}


@public(reason="a test")
def outage(_request):
    """Lose the database."""
    raise OperationalError("connection to server at 10.0.0.1 failed")


@public(reason="a test")
def bug(_request):
    """Make a mistake."""
    raise ZeroDivisionError


@public(reason="a test")
def own_headers(_request):
    """Know better."""
    return HttpResponse("x", headers={"Cache-Control": "public, max-age=300"})


from config.urls import *  # noqa: E402, F403 the handlers of the project
from config.urls import urlpatterns as pages  # noqa: E402

urlpatterns = [
    path("outage/", outage),
    path("bug/", bug),
    path("own-headers/", own_headers),
    *pages,
]


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = "tests.core.test_middleware"
    return Client(raise_request_exception=False)


def policy_of(answer):
    return set(answer["Content-Security-Policy"].split("; "))


@pytest.mark.django_db
@pytest.mark.proves("input 66")
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/livez", 200),
        ("GET", "/accounts/login/", 200),
        ("GET", "/nothing/", 404),
        ("GET", "/nothing/%00", 400),
        ("GET", "/bug/", 500),
        ("GET", "/outage/", 503),
        ("POST", "/accounts/login/", 200),
        ("TRACE", "/livez", 405),
        ("POST", "/livez", 405),
        ("GET", "/api/docs/", 200),
        ("GET", "/api/v1/schema/", 200),
        ("GET", "/api/v1/ping/", 401),
        ("POST", "/api/v1/ping/", 405),
        ("GET", "/api/v1/nothing/", 404),
        ("GET", "/api/v1/ping/?a=%ff", 400),
    ],
)
def test_every_answer_carries_the_headers(client, method, address, status):
    answer = client.generic(method, address)

    is_data = "json" in answer["Content-Type"]
    assert answer.status_code == status
    assert {name: answer[name] for name in EVERYWHERE if name != "Cache-Control"} == {
        name: value for name, value in EVERYWHERE.items() if name != "Cache-Control"
    }
    assert answer["Permissions-Policy"].startswith("camera=(), geolocation=()")
    assert policy_of(answer) == (set(DATA_POLICY.split("; ")) if is_data else PAGE_POLICY)
    assert re.fullmatch(r"[0-9a-f-]{36}", answer["X-Request-ID"])
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert ("Authorization" in answer.get("Vary", "")) == address.startswith("/api/")
    assert ("no-store" in answer["Cache-Control"]) == (address != "/api/v1/schema/")


def test_the_camera_is_for_the_till_only(client, db):
    assert client.get("/till/sign-in/")["Permissions-Policy"].startswith("camera=(self)")


def test_a_view_that_knows_better_keeps_its_headers(client):
    assert client.get("/own-headers/")["Cache-Control"] == "public, max-age=300"


def test_the_request_id_is_ours(client):
    answer = client.get("/livez", headers={"X-Request-ID": "evil\nvalue"})

    assert "evil" not in answer["X-Request-ID"]


@pytest.fixture
def log():
    """Take what is written to the log."""
    [out] = [handler for handler in logging.getLogger().handlers if handler.name == "out"]
    before = out.setStream(io.StringIO())
    yield out.stream
    out.setStream(before)


def told(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/livez", {"code": 200, "route": "livez", "method": "GET", "level": "info"}),
        ("/nothing/", {"code": 404, "route": "none", "method": "GET", "level": "info"}),
    ],
)
def test_a_request_is_one_line_of_the_log(client, log, address, said):
    answer = client.get(f"{address}?phone=%2B447400123456")

    [line] = told(log)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        **said,
        "event": "request_finished",
        "logger": "core.middleware",
        "request_id": answer["X-Request-ID"],
    }


def test_the_beginning_of_a_request_is_told_to_who_asks_for_it(client, log, monkeypatch):
    for name in ("core.middleware", "django_structlog.middlewares.request"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        logging.getLogger(name).manager._clear_cache()

    client.get("/livez")
    monkeypatch.undo()
    logging.getLogger().manager._clear_cache()

    assert [line["event"] for line in told(log)] == ["request_started", "request_finished"]
    assert len({line["request_id"] for line in told(log)}) == 1


def test_a_mistake_of_ours_is_told_once_with_its_trace(client, log):
    client.get("/bug/")

    [line] = told(log)
    assert (line["event"], line["code"], line["route"]) == (
        "request_failed",
        500,
        "tests.core.test_middleware.bug",
    )
    assert "ZeroDivisionError" in line["exception"]


def test_a_page_without_its_database_says_so(client):
    answer = client.get("/outage/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "10.0.0.1" not in answer.text
    assert "<html" in answer.text


@pytest.mark.proves("input 20", "input 70", "input 44")
@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("GET", "/livez?x=%00", {}, 400),
        ("GET", "/livez?%00", {}, 400),
        ("GET", "/livez?x=%ff", {}, 400),
        ("GET", "/livez?x=%ed%a0%80", {}, 400),
        ("GET", "/liv%00ez", {}, 400),
        ("GET", "/livez", {"Host": "localhost:70000"}, 400),
        ("GET", "/livez", {"Host": "evil.com"}, 400),
        ("GET", "/livez", {"Content-Type": "text/plain; charset=lol"}, 415),
        ("GET", "/livez", {"Transfer-Encoding": "chunked"}, 411),
        ("GET", "/livez", {"Transfer-Encoding": "gzip"}, 400),
        ("TRACE", "/livez", {}, 405),
        ("CONNECT", "/livez", {}, 405),
        ("PUT", "/livez", {}, 405),
    ],
)
def test_nonsense_is_turned_away_before_anything_reads_it(client, method, address, headers, status):
    answer = client.generic(method, address, headers=headers)

    assert answer.status_code == status


@pytest.mark.django_db
def test_probes_and_keys_never_touch_a_session(client, django_assert_num_queries):
    client.cookies["sid"] = "x" * 32

    with django_assert_num_queries(0):
        alive = client.get("/livez")

    assert "Cookie" not in alive["Vary"]


def test_the_order_of_the_middleware_is_known():
    assert [name.rpartition(".")[2] for name in project.MIDDLEWARE] == [
        "LogRequests",
        "HardenResponses",
        "MeasureRequests",
        "AnswerProblems",
        "RefuseMalformedRequests",
        "SecurityMiddleware",
        "AnswerPrograms",
        "CSPMiddleware",
        "WhiteNoiseMiddleware",
        "SessionMiddleware",
        "LocaleMiddleware",
        "CommonMiddleware",
        "CsrfViewMiddleware",
        "AuthenticationMiddleware",
        "RequireSignIn",
        "MessageMiddleware",
        "XFrameOptionsMiddleware",
        "AccountMiddleware",
        "HtmxMiddleware",
    ]


def test_the_list_of_headers_in_the_docs_is_complete():
    documented = dict(
        re.findall(r"^\| `([\w-]+)` \| `([^`]+)`", (DOCS / "http.md").read_text(), re.MULTILINE)
    )

    assert documented.keys() == {
        *EVERYWHERE,
        "Content-Security-Policy",
        "Permissions-Policy",
        "X-Request-ID",
        "Vary",
    }
    assert {name: documented[name] for name in EVERYWHERE} == EVERYWHERE


def test_the_limits_in_the_docs_are_the_ones_we_keep():
    rows = re.findall(r"^\| `([\w ]+)` \| (\d+) \|", (DOCS / "http.md").read_text(), re.MULTILINE)

    assert {name: int(value) for name, value in rows} == {
        "body bytes": BODY_BYTES_MAX,
        "nesting of JSON": DEPTH_MAX,
        "length of a JSON number": NUMBER_LENGTH_MAX,
        "rows of a page": LIMIT_MAX,
        "shortest idempotency key": KEY_LENGTH_MIN,
        "longest idempotency key": KEY_LENGTH_MAX,
        "requests of a key at once": KeyThrottle.buckets.burst,
        "requests of a key a second": KeyThrottle.buckets.per_second,
        "live keys of an integration": LIVE_KEYS_MAX,
    }


def test_the_methods_in_the_docs_are_the_ones_we_take():
    sentence = re.search(r"Methods: (.*)\.", (DOCS / "http.md").read_text())

    assert tuple(sentence[1].split(", ")) == METHODS
