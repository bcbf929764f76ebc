"""A client that keeps some connections busy and notes how long every answer took."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.shop import Call

CLIENTS = 16
PATIENCE = 30.0
HEAD_ENDS = b"\r\n\r\n"


@dataclass
class Round:
    """What came of some seconds of work; times in milliseconds, of good answers only.

    A job that is no series of questions has a ``count`` and no times.
    """

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    errors: int = 0
    said: str = ""
    count: int = 0

    @classmethod
    def of(cls, count: int, seconds: float) -> Round:
        """Return a job that did so much in that time."""
        return cls(seconds=seconds, count=count)

    @property
    def is_timed(self) -> bool:
        """Say whether each answer was timed."""
        return not self.count

    @property
    def rate(self) -> float:
        """Return the good answers, or what a job did, per second."""
        return (self.count or len(self.times)) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the time within which this share of the good answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def __add__(self, other: Round) -> Round:
        """Join two rounds of the same work."""
        return Round(
            self.seconds + other.seconds,
            self.times + other.times,
            self.errors + other.errors,
            self.said or other.said,
            self.count + other.count,
        )


@dataclass(frozen=True, slots=True)
class Address:
    """A server on this machine, and the key that it knows the client by."""

    port: int
    secret: str = ""

    def request(self, call: Call) -> bytes:
        """Return the request as it goes over the wire."""
        head = [
            f"{call.method} {call.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.secret}",
        ]
        if call.body:
            head += ["Content-Type: application/json", f"Content-Length: {len(call.body)}"]
        if call.key:
            head.append(f"Idempotency-Key: {call.key}")
        return "\r\n".join([*head, "", ""]).encode() + call.body


class Connection:
    """One connection, kept open; the server may close it between two requests."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.line: socket.socket | None = None

    def ask(self, call: Call) -> tuple[int, bytes]:
        """Send a request and return status and body of the answer."""
        if self.line is None:
            self.line = socket.create_connection(("127.0.0.1", self.address.port), PATIENCE)
            self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line.sendall(self.address.request(call))
        return self._read(self.line)

    def close(self) -> None:
        """Hang up."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def _read(self, line: socket.socket) -> tuple[int, bytes]:
        received = b""
        while HEAD_ENDS not in received:
            received += _some(line)
        head, _ends, body = received.partition(HEAD_ENDS)
        lowered = head.lower()
        length = int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += _some(line)
        if b"connection: close" in lowered:
            self.close()
        return int(head.split(None, 2)[1]), body


def keep_busy(
    address: Address, calls: Iterator[Call], seconds: float, *, clients: int = CLIENTS
) -> Round:
    """Ask as fast as answers come, with that many questions open at any time."""
    shared, lock, started = Round(), threading.Lock(), time.monotonic()
    workers = [
        threading.Thread(target=_work, args=(address, calls, lock, started + seconds, shared))
        for _ in range(clients)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    shared.seconds = time.monotonic() - started
    return shared


def _work(
    address: Address, calls: Iterator[Call], lock: threading.Lock, end: float, shared: Round
) -> None:
    own, connection = Round(), Connection(address)
    while time.monotonic() < end:
        with lock:
            call = next(calls)
        _ask(connection, call, own)
    connection.close()
    with lock:
        shared.times += own.times
        shared.errors += own.errors
        shared.said = shared.said or own.said


def _ask(connection: Connection, call: Call, own: Round) -> None:
    began = time.perf_counter()
    try:
        status, body = connection.ask(call)
    except (OSError, ValueError) as fault:
        connection.close()
        status, body = 0, str(fault).encode()
    if 200 <= status < 300:
        own.times.append((time.perf_counter() - began) * 1000)
    else:
        own.errors += 1
        own.said = own.said or f"{status} {body[:300].decode(errors='replace')}"


def _some(line: socket.socket) -> bytes:
    received = line.recv(65_536)
    if not received:
        raise ConnectionError("the server hung up")
    return received
