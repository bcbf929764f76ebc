"""The folder of sockets and the address of the web: where others reach an installation."""

import socket
from contextlib import suppress
from pathlib import Path

from core.embedded.account import Account, give
from core.embedded.errors import AddressTaken, NotYours
from core.embedded.folder import socket_folder


def open_socket_folder(data: Path, account: Account) -> Path:
    """Make the private folder for sockets, which only the database's account may enter."""
    folder = socket_folder(data)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    give(folder, account)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise NotYours(f"{folder} is not ours alone. Remove it and start again.")
    (data / "run" / "sockets").write_text(f"{folder}\n")
    return folder


def close_socket_folder(data: Path) -> None:
    """Remove the folder unless somebody still listens in it."""
    with suppress(OSError):
        socket_folder(data).rmdir()


def refuse_taken_address(host: str, port: int) -> None:
    """Refuse to start where another program listens, or where we may not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as refused:
        raise AddressTaken(
            f"Cannot listen on {host}:{port} ({refused.strerror or refused})."
            " Choose another with --host or --port."
        ) from refused


def web_address(host: str, port: int) -> str:
    """Return the address as a browser wants it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
