"""The broker that `up` brings along; nothing in it needs to be kept."""

from pathlib import Path

from core.embedded.errors import NothingSuitable
from core.embedded.folder import broker_socket
from core.embedded.programs import broker_program

NOTHING_KEPT = ("--save", "", "--appendonly", "no")


def broker_command(data: Path) -> list[str | Path]:
    """Return the command of a broker that listens on the folder's socket."""
    program = broker_program()
    if program is None:
        raise NothingSuitable("The broker's program is gone; start again.")
    socket = str(broker_socket(data))
    listen = ("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700")
    return [program, *listen, *NOTHING_KEPT, "--dir", str(data / "run"), "--daemonize", "no"]
