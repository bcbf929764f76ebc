"""The process that keeps a cluster's server running for as long as somebody needs it.

Everybody who needs the database holds a shared lock. The keeper stops the server as soon as it
can have that lock for itself, so a killed user is noticed like one that leaves.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from core.embedded.cluster import Cluster
from core.embedded.errors import CannotRun
from core.embedded.locks import lock_file, locked, try_lock

ATTEMPTS = 5


class Keeper:
    """Starts, watches and stops one server."""

    def __init__(self, data: Path, settings: tuple[str, ...]) -> None:
        self.cluster = Cluster(data, settings)
        self.users = lock_file(data / "run" / "users.lock")
        self.told_to_stop = False

    def run(self) -> int:
        """Keep the server running; one that keeps dying is given up."""
        signal.signal(signal.SIGTERM, self._remember)
        for attempt in range(ATTEMPTS):
            time.sleep(attempt)
            server = self.cluster.start(sys.stdout.buffer)
            if self._watch(server):
                self.cluster.stop(server)
                return 0
        return 1

    def _watch(self, server: subprocess.Popen[bytes]) -> bool:
        """Return true when nobody needs the server any more, false when it died."""
        while server.poll() is None:
            if self.told_to_stop or try_lock(self.users):
                return True
            time.sleep(0.1)
        return False

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        """Note that the machine shuts down."""
        self.told_to_stop = True


def main() -> int:
    """Keep the cluster of the data folder named first; what follows are server settings."""
    data = Path(sys.argv[1])
    with locked(data / "run" / "keeper.lock"):
        try:
            return Keeper(data, tuple(sys.argv[2:])).run()
        except CannotRun as reason:
            sys.stderr.write(f"{reason}\n")
            return 1


if __name__ == "__main__":
    sys.exit(main())
