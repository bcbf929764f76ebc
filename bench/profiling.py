"""Where the time of a request goes: one process, the whole application, no network.

    python -m bench.profiling [earn|look-up] [--count N] [--members N] [--lines N]

Prints the processor time and the statements of one request, then the functions that take most.
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.place import Place, data_folder
from bench.shop import earning, looking_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.shop import Call

WARM_UP = 30


def main() -> None:
    """Profile one kind of request."""
    parser = ArgumentParser(prog="python -m bench.profiling", description="Profile requests.")
    parser.add_argument("what", choices=["earn", "look-up"])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--members", type=int, default=20_000, help="the database of this size")
    parser.add_argument("--lines", type=int, default=40, help="of the profile")
    options = parser.parse_args()
    place, name, run = Place(data_folder()), f"bench_{options.members}", f"{time.time():.0f}"
    calls = (
        earning(run, options.members, 0)
        if options.what == "earn"
        else looking_up(options.members, 0)
    )
    with place.running():
        secret = place.run(name, "-m", "bench.inside", "key", f"profile {run}").strip()
        os.environ.update(place.environment(name))
        _measure(calls, secret, options.count, options.lines)


def _measure(calls: Iterator[Call], secret: str, count: int, lines: int) -> None:
    from config.wsgi import application  # noqa: PLC0415 the environment has to be there first

    def ask() -> None:
        _ask(application, next(calls), secret)

    _times(ask, WARM_UP)
    from django.db import connection  # noqa: PLC0415 likewise

    seen: list[str] = []
    with connection.execute_wrapper(_noting(seen)):
        ask()
    print(f"statements         {len(seen):>8}")
    print(f"processor time     {min(_times(ask, count) for _ in range(3)):>8.2f} ms a request")
    print(f"of PostgreSQL      {_behind(connection, ask, count):>8.2f} ms a request")
    profile = cProfile.Profile(time.process_time)  # neighbors on the machine do not count
    profile.enable()
    _times(ask, count)
    profile.disable()
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile, stream=sys.stdout).sort_stats(order).print_stats(lines)
    print("\n".join(seen))


def _behind(connection: Any, ask: Callable[[], None], count: int) -> float:
    """Return the processor time that the server spends on a request, as far as the system tells."""
    connection.ensure_connection()
    told = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not told.exists():
        return 0.0
    before = _ticks(told)
    _times(ask, count)
    return (_ticks(told) - before) / os.sysconf("SC_CLK_TCK") / count * 1000


def _ticks(told: Path) -> int:
    return sum(map(int, told.read_text().rpartition(")")[2].split()[11:13]))


def _noting(seen: list[str]) -> Callable[..., Any]:
    def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        seen.append(" ".join(str(sql).split())[:150])
        return execute(sql, params, many, context)

    return note


def _times(ask: Callable[[], None], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        ask()
    return (time.process_time() - began) / count * 1000


def _ask(application: Any, call: Call, secret: str) -> None:
    path, _mark, query = call.path.partition("?")
    answered: list[str] = []
    environ = {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "RAW_URI": call.path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "HTTP_IDEMPOTENCY_KEY": call.key,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(call.body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    answer = application(environ, lambda status, _headers: answered.append(status))
    body = b"".join(answer)
    answer.close()
    assert answered[0].startswith("20"), (answered, body)


if __name__ == "__main__":
    main()
