"""Which system account runs the database: PostgreSQL refuses to run as root."""

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ctypes import CDLL
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.embedded.errors import NotYours

UNPRIVILEGED = ("postgres", "nobody")
OPEN_FILES = Path("/proc/self/fd")
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Account:
    """Who a process runs as."""

    uid: int
    gid: int

    def may_be_used(self) -> bool:
        """Tell whether we are this account, or may become it."""
        return os.geteuid() in (0, self.uid)


def account_for(cluster: Path) -> Account:
    """Return who runs this cluster: its owner, or for a new one us or an unprivileged account."""
    if not cluster.exists():
        return _unprivileged() if os.geteuid() == 0 else Account(os.geteuid(), os.getegid())
    owner = Account(cluster.stat().st_uid, cluster.stat().st_gid)
    if not owner.may_be_used():
        raise NotYours(
            f"{cluster} belongs to {_name(owner.uid)}. Start as that user or as root,"
            " or choose another folder with REGULARS_DATA."
        )
    return owner if owner.uid else _unprivileged()


def open_data_folder(data: Path) -> None:
    """Make the data folder if it is new, and refuse one that is not ours to use."""
    try:
        account_for(data / "postgres")
        (data / "run").mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise NotYours(
            f"{data} cannot be used ({refused.strerror}). Choose another with REGULARS_DATA."
        ) from refused
    if not os.access(data / "run", os.W_OK):
        raise NotYours(f"{data} cannot be written. Choose another with REGULARS_DATA.")


def _unprivileged() -> Account:
    """Return the account root steps down to."""
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise NotYours(f"As root a user named {' or '.join(UNPRIVILEGED)} is needed for the database.")


def _name(uid: int) -> str:
    """Return an account's name, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def stepping_down(account: Account) -> dict[str, Any]:
    """Return the arguments with which a child process runs under the account."""
    if os.geteuid() != 0:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def give(folder: Path, account: Account) -> None:
    """Hand over what root made or copied to the account that works with it."""
    if os.geteuid() != 0 or folder.stat().st_uid == account.uid:
        return
    for inside in folder.rglob("*"):
        os.chown(inside, account.uid, account.gid, follow_symlinks=False)
    os.chown(folder, account.uid, account.gid)


@contextmanager
def reachable(folder: Path) -> Iterator[tuple[Path, list[int]]]:
    """Give the name by which a child process finds the folder, and the files it must inherit.

    After stepping down from root the way to the folder may be closed (think of /root), while the
    folder itself is open: then the child goes through an open handle.
    """
    if os.geteuid() != 0 or not OPEN_FILES.exists():
        yield folder, []
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield OPEN_FILES / str(handle), [handle]
    finally:
        os.close(handle)


def dying_with_parent(signal_number: int) -> Callable[[], None] | None:
    """Return what a child calls to be signaled when its parent dies; Linux can, others cannot."""
    if not OPEN_FILES.exists():
        return None
    library = CDLL(None)

    def ask_the_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)

    return ask_the_kernel
