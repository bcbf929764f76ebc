"""What the processes of an installation say, one file each."""

from pathlib import Path
from typing import BinaryIO

LARGEST = 10_000_000


def open_log(data: Path, name: str) -> BinaryIO:
    """Open a log to write at its end; a large one is set aside first."""
    path = log_path(data, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def log_path(data: Path, name: str) -> Path:
    """Return where a process writes its log."""
    return data / "logs" / f"{name}.log"


def log_tail(data: Path, name: str, lines: int = 20) -> str:
    """Return the end of a log, for a message that says what went wrong."""
    path = log_path(data, name)
    text = path.read_text(errors="replace") if path.exists() else ""
    return f"{path}:\n" + "\n".join(text.splitlines()[-lines:])
