"""The client of the bench: what it counts, and what it counts as an error."""

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.client import Address, Round, keep_busy
from bench.shop import Call


class Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        number = next(self.server.numbers)
        self.server.seen.append((self.headers["Idempotency-Key"], self.headers["Authorization"]))
        self.send_response(500 if number % 3 == 0 else 201)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as server:
        server.daemon_threads = True
        server.numbers, server.seen = itertools.count(1), []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def calls():
    return (Call("POST", "/here", b"{}", key=f"key-{n}") for n in itertools.count())


def test_every_answer_is_counted_once_as_good_or_as_an_error(server):
    address = Address(server.server_port, "secret")

    done = keep_busy(address, calls(), 0.3, clients=3)

    assert (len(done.times), done.errors) == (
        len(server.seen) - len(server.seen) // 3,
        len(server.seen) // 3,
    )
    assert done.said == "500 hello"


def test_no_request_is_sent_twice_and_each_carries_the_key(server):
    keep_busy(Address(server.server_port, "secret"), calls(), 0.2, clients=3)

    keys = [key for key, _authorization in server.seen]
    assert len(keys) == len(set(keys))
    assert {authorization for _key, authorization in server.seen} == {"Bearer secret"}


def test_a_server_that_is_not_there_is_an_error():
    done = keep_busy(Address(1), calls(), 0.5, clients=1)

    assert done.errors > 0
    assert done.times == []


def test_rounds_of_the_same_work_add_up():
    joined = Round(2.0, [1.0, 9.0]) + Round(3.0, [5.0], errors=1, said="500 oh")

    assert (joined.seconds, joined.errors, joined.said) == (5.0, 1, "500 oh")
    assert joined.rate == 0.6
    assert joined.percentile(0.5) == 5.0
    assert joined.percentile(0.99) == 9.0
