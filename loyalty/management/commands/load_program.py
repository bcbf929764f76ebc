"""`manage.py load_program`: brings a program to what a file says."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.api.errors import InvalidJSON
from core.api.parsing import read_object
from core.errors import Refusal
from core.queries import organization_named
from loyalty.services.programs import Loaded, load_program


class Command(BaseCommand):
    """Load a program file, or change nothing and name every fault."""

    help = "Bring a program to what a JSON file says; loading it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what goes where."""
        parser.add_argument("slug", help="the organization's short name")
        parser.add_argument("file", help="a program file, or - to read from a pipe")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the file and print what it changed."""
        content = _content(options["file"])
        try:
            organization = organization_named(options["slug"])
            document = read_object(content)
            loaded = load_program(organization_id=organization.pk, document=document)
        except Refusal as refusal:
            raise CommandError(_explained(refusal, options["file"], content)) from refusal
        self._tell(loaded)

    def _tell(self, loaded: Loaded) -> None:
        program = loaded.program
        for change in loaded.changes:
            self.stdout.write(f"changed {change}")
        if not loaded.changes:
            self.stdout.write("nothing to change")
        self.stdout.write(f"Program {program.slug}, status {program.status}")


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as fault:
        raise CommandError(f"{file}: {fault.strerror}") from fault


def _explained(refusal: Refusal, file: str, content: bytes) -> str:
    """Say what is wrong: one line for each fault of the file."""
    if refusal.field == "slug":
        return "There is no such organization."
    faults = refusal.data.get("errors", ())
    lines = [f"  {fault['field'] or 'file'}: {fault['message']}" for fault in faults]
    where = f"{refusal.field}: " if refusal.field else ""
    said = _json_fault(content) if isinstance(refusal, InvalidJSON) else str(refusal)
    return "\n".join([f"{file}: {where}{said}", *lines])


def _json_fault(content: bytes) -> str:
    """Say where the file stops being JSON."""
    try:
        json.loads(content.decode())
    except UnicodeDecodeError as fault:
        return f"not UTF-8 at byte {fault.start}"
    except ValueError as fault:
        return f"not JSON: {fault}"
    return "not JSON: it holds a number that JSON does not know"
