"""What only a real server shows: bytes on a socket, processes, and connections that break."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.core.api.conftest import KEY, make_api
from tests.server import serving

pytestmark = pytest.mark.server


@pytest.fixture(scope="session")
def probe_log(tmp_path_factory):
    return tmp_path_factory.mktemp("probe") / "server.log"


@pytest.fixture(scope="session")
def probe_server(django_db_setup, probe_log):
    with serving(probe_log, settings="tests.core.api.settings") as address:
        yield address


@pytest.fixture
def shop(transactional_db, probe_server, probe_log):
    """A shop system on a real server, which writes nothing about mistakes of its own."""
    probe_log.write_text("")
    api = make_api()
    api.address = urlsplit(probe_server)
    yield api
    assert "Traceback" not in probe_log.read_text()
    assert api.secret not in probe_log.read_text()


def talk(shop, *lines, body=b""):
    """Send bytes as they are and return status, headers and body of the answer."""
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    with socket.create_connection((shop.address.hostname, shop.address.port), timeout=10) as line:
        line.sendall(head + body)
        received = b""
        while part := line.recv(65_536):
            received += part
    head, _, content = received.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), dict(each.split(": ", 1) for each in headers), content


def post(shop, *headers, body=b"", target="/api/v1/probe/", length=True):
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {shop.address.netloc}",
        f"Authorization: Bearer {shop.secret}",
        f"Idempotency-Key: {KEY}",
        "Content-Type: application/json",
        *([f"Content-Length: {len(body)}"] if length else []),
        *headers,
    ]
    return talk(shop, *lines, body=body)


def get(shop, target="/api/v1/ping/", *headers, host=None, method="GET"):
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {shop.address.netloc if host is None else host}",
        f"Authorization: Bearer {shop.secret}",
        *headers,
    ]
    return talk(shop, *lines)


def chunks(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def code_of(content):
    return json.loads(content)["code"]


@pytest.mark.proves("input 44")
def test_a_chunked_body_is_read_like_any_other(shop):
    whole = post(shop, body=b'{"amount": "1.50"}')
    chunked = post(
        shop,
        "Transfer-Encoding: chunked",
        body=chunks(b'{"amo', b'unt": ', b'"1.50"}'),
        length=False,
    )

    assert (whole[0], chunked[0]) == (201, 201)
    assert chunked[1]["Idempotency-Replayed"] == "true"
    assert chunked[2] == whole[2]


@pytest.mark.proves("input 44", "input 108")
@pytest.mark.parametrize(
    ("why", "body", "status", "code"),
    [
        ("empty", chunks(), 400, "empty_body"),
        ("no JSON", chunks(b"{"), 400, "invalid_json"),
        ("too large", chunks(b'{"note": "', b"x" * 262_144, b'"}'), 413, "body_too_large"),
        ("chunk size is no number", b"zz\r\n{}\r\n0\r\n\r\n", 400, "malformed_headers"),
        ("chunk longer than said", b"1\r\n{}\r\n0\r\n\r\n", 400, "malformed_headers"),
    ],
)
def test_a_chunked_body_is_refused_like_any_other(shop, why, body, status, code):
    answer = post(shop, "Transfer-Encoding: chunked", body=body, length=False)

    assert (answer[0], code_of(answer[2])) == (status, code)


@pytest.mark.proves("input 44")
@pytest.mark.parametrize(
    ("why", "headers"),
    [
        ("length and chunks", ["Content-Length: 2", "Transfer-Encoding: chunked"]),
        ("two lengths", ["Content-Length: 2", "Content-Length: 20"]),
        ("two equal lengths", ["Content-Length: 2", "Content-Length: 2"]),
        ("a length with a sign", ["Content-Length: +2"]),
        ("two hosts", ["Host: localhost", "Content-Length: 2"]),
        ("chunks twice", ["Transfer-Encoding: chunked, chunked"]),
        ("chunks not last", ["Transfer-Encoding: chunked, gzip"]),
        ("packed chunks", ["Transfer-Encoding: gzip, chunked"]),
        ("a space before the colon", ["Content-Length : 2"]),
        ("a folded header", ["X-Note: a", " b", "Content-Length: 2"]),
        ("a bare NUL", ["X-Note: a\0b", "Content-Length: 2"]),
    ],
)
def test_a_request_has_one_end_and_one_host(shop, why, headers):
    status, _headers, _content = post(shop, *headers, body=b"{}", length=False)

    assert status == 400


@pytest.mark.proves("input 44")
def test_refused_framing_leaves_nothing_behind(shop):
    post(shop, "Content-Length: 2", "Transfer-Encoding: chunked", body=b"{}", length=False)

    status, headers, _content = post(shop, body=b"{}")

    assert status == 201
    assert "Idempotency-Replayed" not in headers


@pytest.mark.proves("input 45")
def test_a_body_that_says_it_is_too_large_is_not_waited_for(shop):
    status, _headers, content = post(shop, "Content-Length: 262145", length=False)

    assert (status, code_of(content)) == (413, "body_too_large")


@pytest.mark.proves("F14")
def test_half_a_body_is_refused_when_the_caller_goes_away(shop):
    lines = [
        "POST /api/v1/probe/ HTTP/1.1",
        f"Host: {shop.address.netloc}",
        f"Authorization: Bearer {shop.secret}",
        f"Idempotency-Key: {KEY}",
        "Content-Type: application/json",
        "Content-Length: 20",
    ]
    with socket.create_connection((shop.address.hostname, shop.address.port), timeout=10) as line:
        line.sendall("\r\n".join([*lines, "", '{"amount":']).encode())
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 400")
    assert post(shop, body=b"{}")[0] == 201


@pytest.mark.proves("input 68")
@pytest.mark.parametrize(
    "host", ["evil.com", "10.0.0.1", "localhost:99999", "localhost:x", "", "a b"]
)
def test_only_our_own_host_is_served(shop, host):
    status, _headers, content = get(shop, host=host)

    assert status == 400
    assert b"evil" not in content


@pytest.mark.proves("input 68")
@pytest.mark.parametrize(
    "target", ["http://evil.com/api/v1/ping/", "http://localhost/api/v1/ping/"]
)
def test_an_address_does_not_name_a_host_of_its_own(shop, target):
    status, _headers, content = get(shop, target)

    assert (status, code_of(content)) == (400, "malformed_url")


@pytest.mark.proves("input 69")
@pytest.mark.parametrize("header", ["X-Forwarded-Proto: https", "X_Forwarded_Proto: https"])
def test_nobody_can_pretend_to_come_by_https(shop, header):
    _status, _headers, content = get(shop, "/api/v1/stores/?limit=1", header)

    assert json.loads(content)["next"].startswith("http://")


@pytest.mark.proves("input 69")
def test_a_forwarded_address_opens_no_figures(shop):
    open_to_loopback = get(shop, "/metrics")
    forwarded = get(shop, "/metrics", "X-Forwarded-For: 127.0.0.1")

    assert (open_to_loopback[0], forwarded[0]) == (200, 403)


def test_the_figures_of_all_workers_are_added_up(shop):
    def pings():
        shown = get(shop, "/metrics")[2].decode()
        line = 'regulars_requests_total{method="GET",route="api:ping",status="200"} '
        return sum(float(each.rpartition(" ")[2]) for each in shown.splitlines() if line in each)

    before = pings()
    statuses = [get(shop)[0] for _ in range(20)]

    assert statuses == [200] * 20
    assert pings() - before == 20


@pytest.mark.proves("input 70")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PROPFIND", "QUERY"])
def test_unusual_methods_are_turned_away(shop, method):
    assert get(shop, method=method)[0] == 405


@pytest.mark.proves("input 103")
def test_a_token_of_ten_kilobytes_is_one_more_wrong_key(shop):
    shop_with_long_key = shop.secret
    shop.secret = "x" * 10_000

    status, headers, content = get(shop)

    shop.secret = shop_with_long_key
    assert (status, code_of(content)) == (401, "key_not_accepted")
    assert headers["WWW-Authenticate"] == 'Bearer realm="regulars"'


@pytest.mark.proves("input 103")
def test_two_keys_are_none(shop):
    status, _headers, content = get(shop, "/api/v1/ping/", f"Authorization: Bearer {shop.secret}")

    assert (status, code_of(content)) == (401, "key_not_accepted")


@pytest.mark.proves("input 20")
@pytest.mark.parametrize("target", ["/api/v1/probe/?phone=a%00b", "/api/v1/pro%00be/", "/%00"])
def test_nul_in_an_address_is_refused(shop, target):
    assert get(shop, target)[0] == 400


def test_a_lost_connection_is_503_and_the_next_request_works(shop):
    lost, headers, content = get(shop, "/api/v1/faults/lost/")

    assert (lost, code_of(content)) == (503, "unavailable")
    assert headers["Retry-After"] == "1"
    assert [get(shop)[0] for _ in range(16)] == [200] * 16


def test_a_bad_charset_does_not_reach_the_query(shop):
    status, _headers, _content = get(
        shop, "/api/v1/probe/?phone=%C3%A9", "Content-Type: text/plain; charset=bz2_codec"
    )

    assert status == 415


@pytest.mark.proves("input 76")
def test_the_log_is_json_without_addresses(shop, probe_log):
    get(shop, "/api/v1/probe/?phone=%2B447400123456%0A2026-01-01+ERROR+%1B[31m")

    lines = [json.loads(line) for line in probe_log.read_text().splitlines() if line[0] == "{"]
    told = [line for line in lines if line["event"] == "request_finished"]
    assert [(line["route"], line["method"], line["code"]) for line in told] == [
        ("probe:probe", "GET", 400)
    ]
    assert told[0]["organization_id"] == shop.organization.pk
    assert told[0]["actor"] == f"integration:{shop.integration.pk}"
    assert "447400123456" not in probe_log.read_text()
    assert "/api/" not in probe_log.read_text()


def test_the_shared_server_sees_what_a_test_commits(live_gunicorn):
    api = make_api()
    api.address = urlsplit(live_gunicorn)

    assert get(api)[0] == 200
