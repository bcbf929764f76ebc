"""Two hundred buyers who want the last reward at the same moment."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench.client import Connection, Round
from bench.shop import Call, wish

if TYPE_CHECKING:
    from bench.client import Address

BUYERS = 200
TRIES_MAX = 10


def buy_the_last(address: Address, run: str, reward: str, buyers: int = BUYERS) -> Round:
    """Let so many members take it at once; the one time is that until the last was answered.

    Who is told that the shop is too busy asks again under the same key.
    """
    answers: Counter[int] = Counter()
    ready, lock = threading.Barrier(buyers + 1), threading.Lock()

    def buy(number: int) -> None:
        connection = Connection(address)
        connection.ask(Call("GET", "/livez"))
        ready.wait()
        status = _answered(connection, wish(run, number, number, reward))
        connection.close()
        with lock:
            answers[status] += 1

    crowd = [threading.Thread(target=buy, args=(number,)) for number in range(buyers)]
    for one in crowd:
        one.start()
    ready.wait()
    began = time.monotonic()
    for one in crowd:
        one.join()
    seconds = time.monotonic() - began
    odd = answers != {201: 1, 409: buyers - 1}
    return Round(seconds, [seconds * 1000], int(odd), said=str(dict(answers)) if odd else "")


def _answered(connection: Connection, call: Call) -> int:
    for _ in range(TRIES_MAX):
        try:
            status, _body = connection.ask(call)
        except (OSError, ValueError):
            connection.close()
            continue
        if status != 503:
            return status
    return 0
