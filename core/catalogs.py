"""Compiles the languages, which are kept as text, without any tool of the system."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(folder: Path) -> list[Path]:
    """Compile every catalog that is newer than what was compiled of it; return those."""
    stale = [text for text in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _is_stale(text)]
    for text in stale:
        _compile(text)
    return stale


def _is_stale(text: Path) -> bool:
    compiled = text.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < text.stat().st_mtime


def _compile(text: Path) -> None:
    """Replace the compiled catalog at once, so that nobody ever reads half of it."""
    with text.open("rb") as file:
        catalog = read_po(file)
    unfinished = text.with_suffix(f".{os.getpid()}.mo-part")
    with unfinished.open("wb") as file:
        write_mo(file, catalog)
    unfinished.replace(text.with_suffix(".mo"))
