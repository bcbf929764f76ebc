"""A wire between the product and its database that can be slow, or go dead without a word."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

BLOCK = 65_536


class Proxy:
    """Forwards a port to a database's socket, as well as it is told to."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.delay = 0.0
        self.flows = Event()
        self.flows.set()
        self.over = Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Forward nothing any more, and close nothing either."""
        self.flows.clear()

    def thaw(self) -> None:
        """Forward again, also what came meanwhile."""
        self.flows.set()

    def close(self) -> None:
        """Cut every wire."""
        self.over.set()
        self.flows.set()
        self.listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listening.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.target))
                Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, suppress(OSError):
            while not self.over.is_set():
                readable, _, _ = select.select([near, far], [], [], 0.2)
                for line in readable:
                    self.flows.wait()
                    time.sleep(self.delay)
                    block = line.recv(BLOCK)
                    if not block:
                        return
                    other[line].sendall(block)
