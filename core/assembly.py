"""Puts together what spans apps, in the order of the staircase, without importing upward."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps

STAIRCASE = ("core", "members", "loyalty", "rewards", "campaigns", "insights")


def modules_named(name: str) -> list[ModuleType]:
    """Return that module of every installed app that has it, lowest app first."""
    installed = [app for app in STAIRCASE if apps.is_installed(app)]
    return [
        import_module(f"{app}.{name}")
        for app in installed
        if find_spec(f"{app}.{name}") is not None
    ]
