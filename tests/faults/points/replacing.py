"""Puts something else in the place of a function, and lets a fault happen once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def replace_everywhere(original: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    """Put a function in the place of another in every module that imported it."""
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is original:
                setattr(module, name, replacement)


def trigger() -> Path:
    """Return the file with which the test says that a fault is to happen."""
    return Path(os.environ["REGULARS_FAULT_TRIGGER"])


def once(fault: Callable[[], Any]) -> None:
    """Let the fault happen if the test laid out its trigger, and take the trigger away."""
    try:
        trigger().unlink()
    except FileNotFoundError:
        return
    fault()
