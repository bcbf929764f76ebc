"""What an app contributes to a program file: one section of the document, under one name.

An app that has something to say there exposes ``SECTIONS`` in its ``program_file.py``. The file is
written and read by ``loyalty.services.programs``; docs/program-file.md describes every field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypedDict

from core.actors import Actor
from core.assembly import modules_named


class Fault(TypedDict):
    """One thing that is wrong; ``field`` is a path such as ``rules.0.name``."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the document, written and read by the app that owns what it describes.

    ``faults`` judges the data by itself and knows no database. ``load`` receives data without
    faults, inside the transaction of the whole file; it brings the program's rows to what the
    data says, leaves alone what the data does not name, records what it changed, and returns a
    name such as ``rules.base`` for each change: none when the same file is loaded again. It may
    refuse. ``dump`` returns data that ``load`` understands, in an order that does not depend on
    the installation.
    """

    name: str
    faults: Callable[[Any], list[Fault]]
    load: Callable[[int, Any, Actor], list[str]]  # program id, data, who loads
    dump: Callable[[int], Any]  # program id


def sections() -> list[Section]:
    """Return the sections of all apps, lowest app first."""
    return [section for module in modules_named("program_file") for section in module.SECTIONS]


def under(name: str, faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults with their fields named from one level further up."""
    return [{**fault, "field": ".".join(filter(None, [name, fault["field"]]))} for fault in faults]
