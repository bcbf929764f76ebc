#!/usr/bin/env python
"""The command line of Regulars; commands find the data folder's own database by themselves."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

from django.core.management import execute_from_command_line

from core.embedded.database import database
from core.embedded.errors import CannotRun
from core.embedded.folder import brings_own_database, data_folder

NEED_NO_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "up",  # brings its own
    "version",
}


def database_for(words: list[str]) -> AbstractContextManager[None]:
    """Return what keeps a database running for a command, if the command needs ours."""
    asks_for_help = not words or not {"-h", "--help", "--version"}.isdisjoint(words)
    if asks_for_help or words[0] in NEED_NO_DATABASE or not brings_own_database():
        return nullcontext()
    return database(data_folder())


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with database_for(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except CannotRun as reason:
        sys.exit(f"{reason}")


if __name__ == "__main__":
    main()
