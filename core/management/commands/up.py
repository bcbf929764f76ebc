"""`manage.py up`: the whole installation in one command."""

import io
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from core.embedded.account import account_for
from core.embedded.broker import broker_command
from core.embedded.child import Child
from core.embedded.database import OwnDatabase, database
from core.embedded.errors import CannotRun
from core.embedded.folder import (
    PROJECT,
    brings_own_broker,
    brings_own_database,
    broker_options,
    data_folder,
)
from core.embedded.running import claimed
from core.embedded.sockets import (
    close_socket_folder,
    open_socket_folder,
    refuse_taken_address,
    web_address,
)
from core.embedded.supervisor import Stopping, Supervisor, stop_on_signals
from core.queries import is_without_organizations

FIRST_STEP = """
There is no organization yet. To open one, in another window:
  cd {project}
  REGULARS_DATA={data} .venv/bin/python manage.py create_organization "My Shop" --slug my-shop \\
    --currency GBP --country GB --time-zone Europe/London --store main:Main --owner me@example.com
"""


class Command(BaseCommand):
    """Start database, broker, worker and web; keep them running; stop them together."""

    help = "Run Regulars: database, broker, worker and web, until ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", default=8000, type=int, help="port to listen on")
        parser.add_argument("--no-demo", action="store_true", help="start without demo data")
        parser.add_argument("--households", type=int, help="how many members the demo has")
        parser.add_argument(
            "--leashed", action="store_true", help="stop when the starting process ends"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until somebody asks to stop; everything started is stopped in reverse order."""
        supervisor = Supervisor(leashed=options["leashed"])
        stop_on_signals()
        try:
            with ExitStack() as started:
                self._start(supervisor, started, options)
                supervisor.watch()
        except Stopping:
            self._say("stopped")
        except CannotRun as reason:
            raise CommandError(str(reason)) from reason

    def _start(self, supervisor: Supervisor, started: ExitStack, options: dict[str, Any]) -> None:
        """Bring everything up, in the order in which one needs the other."""
        host, port = options["host"], options["port"]
        data = data_folder()
        address = web_address(host, port)
        started.enter_context(claimed(data, address))
        children = _children(data, host, port)
        for child in children:
            child.end_leftover()
        refuse_taken_address(host, port)
        self._say(f"data    {data}")
        started.callback(close_socket_folder, data)
        open_socket_folder(data, account_for(data / "postgres"))
        if brings_own_database():
            started.enter_context(database(data))
            supervisor.add(OwnDatabase(data))
        sign_ins = self._prepare(options)
        for child in children:
            started.callback(child.stop)
            supervisor.add(child)
        supervisor.wait_until_served(host, port)
        self._say(f"logs    {data / 'logs'}{sign_ins}")
        self._say(f"ready {address}")

    def _prepare(self, options: dict[str, Any]) -> str:
        """Bring tables, texts and the demo up to date; return how to sign in to the demo."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("compile_catalogs", stdout=io.StringIO())
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        if is_without_organizations() and not (options["no_demo"] or settings.PRODUCTION):
            self._load_demo(options["households"])
        if is_without_organizations():
            self._say(FIRST_STEP.format(project=PROJECT, data=data_folder()))
        sign_ins = io.StringIO()
        call_command("demo", sign_ins=True, stdout=sign_ins)
        connections.close_all()
        told = sign_ins.getvalue().rstrip()
        return f"\n{told}" if told else ""

    def _load_demo(self, households: int | None) -> None:
        """Load the demo; an installation that cannot have it starts without."""
        size = {} if households is None else {"households": households}
        try:
            call_command("demo", quiet=True, stdout=self.stdout, **size)
        except CommandError as reason:
            self._say(f"no demo: {reason}")

    def _say(self, line: str) -> None:
        """Tell the person who waits, at once."""
        self.stdout.write(line)
        self.stdout.flush()


def _children(data: Path, host: str, port: int) -> list[Child]:
    """Return the processes of an installation beside the database."""
    python = sys.executable
    listen = web_address(host, port).removeprefix("http://")
    web = [python, "-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", listen]
    worker = [python, "-m", "celery", "--app", "config", "worker", "--beat"]
    worker += ["--schedule", str(data / "beat-schedule"), "--concurrency", "2"]
    worker += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    children = [Child("worker", worker, data), Child("web", [*web, "config.wsgi"], data)]
    for folder in broker_options().values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    if not brings_own_broker():
        return children
    return [Child("broker", broker_command(data), data), *children]
