"""Keep a set of processes running together: all are up, or all go down."""

import http.client
import os
import signal
import time
from types import FrameType
from typing import Protocol

from core.embedded.errors import GivenUp

PATIENCE = 120
DEATHS_FORGIVEN = 4
MEMORY = 300


class Stopping(BaseException):  # a wish from outside, which no handler of errors may swallow
    """Somebody asked the supervisor to stop."""


class Watched(Protocol):
    """What the supervisor looks after."""

    name: str

    def start(self) -> None:
        """Bring it up."""

    def died(self) -> bool:
        """Tell whether it ended by itself."""

    def last_words(self) -> str:
        """Return what it said at the end."""


def stop_on_signals() -> None:
    """Turn the first signal that means `stop` into an exception, and be deaf to more of them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Unwind, undisturbed by impatience."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopping


class Supervisor:
    """Keeps its children running until somebody asks to stop."""

    def __init__(self, *, leashed: bool) -> None:
        self.parent = os.getppid() if leashed else None
        self.children: list[Watched] = []
        self.deaths: dict[str, list[float]] = {}

    def add(self, child: Watched) -> None:
        """Start a child and look after it from now on."""
        child.start()
        self.children.append(child)

    def wait_until_served(self, host: str, port: int) -> None:
        """Return when the web answers; before that moment no child may die."""
        end = time.monotonic() + PATIENCE
        while not _serves(host, port):
            for child in reversed(self.children):
                if child.died() or time.monotonic() > end:
                    raise GivenUp(child.last_words())
            time.sleep(0.2)

    def watch(self) -> None:
        """Restart what dies, until somebody asks to stop or our parent is gone."""
        while self.parent in (None, os.getppid()):
            for child in self.children:
                if child.died():
                    self._restart(child)
            time.sleep(0.5)

    def _restart(self, child: Watched) -> None:
        """Start a child again, each time a little later; one that keeps dying is given up."""
        now = time.monotonic()
        deaths = [each for each in self.deaths.get(child.name, []) if now - each < MEMORY]
        self.deaths[child.name] = [*deaths, now]
        if len(deaths) >= DEATHS_FORGIVEN:
            raise GivenUp(child.last_words())
        time.sleep(len(deaths))
        child.start()


def _serves(host: str, port: int) -> bool:
    """Tell whether the web server answers at all."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
